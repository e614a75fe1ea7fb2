import { spawn, spawnSync } from "node:child_process";
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Pooler {
  /** An address through it, as the same role. */
  url: string;
  close(): Promise<void>;
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

const PATH = `${process.env["PATH"]}:/usr/sbin`;

/** Root gets it from the system's packages when it is not there. */
function assertInstalled(): void {
  const isThere = () => spawnSync("pgbouncer", ["--version"], { env: { ...process.env, PATH } }).status === 0;
  if (isThere()) return;
  for (const command of ["update", "install -y --no-install-recommends pgbouncer"]) {
    spawnSync("apt-get", ["-q", ...command.split(" ")]);
  }
  if (!isThere())
    throw new Error("pgbouncer is needed for this test; install it with the system's package manager");
}

/** PgBouncer in front of the server of `url`; in transaction mode as in front of Neon's pooled addresses. */
export async function startPooler(url: string, mode: "transaction" | "session"): Promise<Pooler> {
  const { username, database, host } =
    /\/\/(?<username>\w+)@\/(?<database>\w+)\?host=(?<host>.+)$/.exec(url)?.groups ?? {};
  if (!host) throw new Error(`no socket in ${url}`);
  assertInstalled();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "pgbouncer-"));
  await writeFile(join(folder, "users"), `"${username}" ""\n`);
  await writeFile(
    join(folder, "ini"),
    `[databases]
* = host=${host}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${folder}/users
pool_mode = ${mode}
`,
  );
  // Whom the server runs as: its socket is for no one else, and PgBouncer refuses to run as root.
  const { uid, gid } = await stat(host);
  for (const file of [folder, join(folder, "users"), join(folder, "ini")]) await chown(file, uid, gid);
  const child = spawn("pgbouncer", ["-q", join(folder, "ini")], {
    env: { ...process.env, PATH },
    ...(process.getuid?.() === 0 && { uid, gid }),
    stdio: "ignore",
  });
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (tries > 200) throw new Error("pgbouncer does not answer");
    await sleep(25);
  }
  return {
    url: `postgresql://${username}@127.0.0.1:${port}/${database}`,
    close: async () => {
      child.kill();
      await rm(folder, { recursive: true });
    },
  };
}
