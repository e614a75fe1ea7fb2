import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { is, Table } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { createJiti } from "jiti";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrateBetterAuth, SECRET } from "./applications.ts";
import { ownDatabase } from "./database.ts";
import { Caller } from "./installed.ts";
import { type Application, applicationWithPackage } from "./packed.ts";
import { freePort, Programs, PYTHON, until } from "./running.ts";

const EXAMPLES = join(import.meta.dirname, "../examples");

let application: Application;

beforeAll(async () => {
  application = await applicationWithPackage();
}, 120_000);
afterAll(() => application.remove());

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2022",
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ["node"],
  },
  include: ["*.ts"],
});

/** Copies an example's files into the application, where the package is installed. Their types must fit. */
async function take(example: string, ...names: string[]): Promise<void> {
  const files = names.map(
    async (name) => [name, await readFile(join(EXAMPLES, example, name), "utf8")] as const,
  );
  await application.write({
    ...Object.fromEntries(await Promise.all(files)),
    "package.json": '{ "type": "module" }',
    "tsconfig.json": TSCONFIG,
  });
  await application.checkTypes();
}

const load = <T>(name: string): Promise<T> =>
  createJiti(join(application.folder, "package.json"), { moduleCache: false, fsCache: false }).import<T>(
    join(application.folder, name),
  );

describe("Hono and FastAPI", () => {
  const own = ownDatabase();
  const programs = new Programs();
  let idp: string;
  let api: string;

  beforeAll(async () => {
    await take("hono-fastapi", "auth.ts", "server.ts", "api.py");
    const [idpPort, apiPort] = [await freePort(), await freePort()];
    idp = `http://localhost:${idpPort}`;
    api = `http://127.0.0.1:${apiPort}`;
    const env = {
      DATABASE_URL: own.url,
      BETTER_AUTH_URL: idp,
      BETTER_AUTH_SECRET: SECRET,
      FEED_CREDENTIAL: "a credential of a resource server, long",
    };
    Object.assign(process.env, env);
    const { auth } = await load<{ auth: { options: Parameters<typeof migrateBetterAuth>[0] } }>("auth.ts");
    await migrateBetterAuth(auth.options);
    expect(await application.command("migrate", "--yes")).toMatchObject({ status: 0 });
    programs.start(application.folder, process.execPath, ["server.ts"], { ...env, PORT: String(idpPort) });
    programs.start(application.folder, PYTHON, ["-m", "uvicorn", "api:app", "--port", String(apiPort)], env);
    await until(async () => (await fetch(`${idp}/api/auth/ok`)).ok || undefined);
    await until(async () => (await fetch(`${api}/openapi.json`)).ok || undefined);
  }, 120_000);
  afterAll(() => programs.end());

  const signUp = async () => {
    const answer = await fetch(`${idp}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Ada", email: `${Math.random()}@example.com`, password: "Corr3ctHorse" }),
    });
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(";", 1)[0])
      .join("; ");
    const { token } = await (await fetch(`${idp}/api/auth/token`, { headers: { cookie } })).json();
    const { user } = await answer.json();
    return { id: user.id as string, authorization: `Bearer ${token}` };
  };
  const notes = (authorization: string) => fetch(`${api}/notes`, { headers: { authorization } });

  test("a token is let in, and refused from the answer to its sign-out on", async () => {
    const { id, authorization } = await signUp();
    const first = await until(async () => {
      const answer = await notes(authorization);
      return answer.status === 503 ? undefined : answer;
    });
    expect([first.status, await first.json()]).toEqual([200, { owner: id }]);
    const out = await fetch(`${idp}/api/auth/sign-out`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: "{}",
    });
    expect(out.status).toBe(200);
    const second = await notes(authorization);
    expect([second.status, (await second.json()).code]).toEqual([401, "token_revoked"]);
  });

  test("a token is renewed; both are let in for a minute, and the former one ends the session after it", async () => {
    const { id, authorization } = await signUp();
    const renew = () => fetch(`${idp}/api/auth/renew`, { method: "POST", headers: { authorization } });
    const renewed = `Bearer ${(await (await renew()).json()).access_token}`;
    for (const one of [authorization, renewed]) {
      expect(await (await notes(one)).json()).toEqual({ owner: id });
    }
    await own.pool.query(
      "UPDATE better_auth_revocation.revocation_renewal SET renewed_at = renewed_at - interval '1 minute'",
    );
    const reused = await renew();
    expect([reused.status, (await reused.json()).code]).toEqual([401, "TOKEN_REUSED"]);
    for (const one of [authorization, renewed]) {
      expect((await (await notes(one)).json()).code).toBe("token_revoked");
    }
  });

  test("a session that is ended by plain SQL is refused soon after", async () => {
    const [ada, grace] = [await signUp(), await signUp()];
    expect((await notes(ada.authorization)).status).toBe(200);
    await own.pool.query('DELETE FROM session WHERE "userId" = $1', [ada.id]);
    const committed = performance.now();
    await until(async () => ((await notes(ada.authorization)).status === 401 ? true : undefined));
    expect(performance.now() - committed).toBeLessThan(1_000);
    expect((await notes(grace.authorization)).status).toBe(200);
  });
});

describe("Drizzle", () => {
  const own = ownDatabase();

  const declaration = (table: PgTable): string => {
    const { schema, name, columns } = getTableConfig(table);
    const lines = columns.map((column) =>
      [
        `"${column.name}" ${column.getSQLType()}`,
        column.primary ? "PRIMARY KEY" : column.notNull ? "NOT NULL" : "",
        column.hasDefault ? `DEFAULT ${column.getSQLType() === "boolean" ? "false" : "now()"}` : "",
      ].join(" "),
    );
    return `CREATE TABLE "${schema}"."${name}" (${lines.join(", ")})`;
  };

  test("tables are found by the adapter's schema, and a session ended by plain SQL is in the feed", async () => {
    await take("drizzle", "auth.ts", "schema.ts");
    Object.assign(process.env, {
      DATABASE_URL: own.url,
      BETTER_AUTH_SECRET: SECRET,
      BETTER_AUTH_URL: undefined,
    });
    const tables = Object.values(await load<Record<string, unknown>>("schema.ts")).filter((one) =>
      is(one, Table),
    );
    await own.pool.query("CREATE SCHEMA app");
    for (const table of tables) if (is(table, PgTable)) await own.pool.query(declaration(table));
    expect(await application.command("migrate", "--yes")).toMatchObject({
      status: 0,
      output: expect.stringContaining('create trigger revocation_session_deleted ON "app"."sessions"'),
    });
    const { auth } = await load<{ auth: ConstructorParameters<typeof Caller>[0] }>("auth.ts");
    const caller = new Caller(auth);
    await caller.signUp("ada@example.com");
    const { sid } = JSON.parse(
      Buffer.from((await caller.token()).split(".")[1] ?? "", "base64url").toString(),
    );
    const change = { currentPassword: "Correct-horse-7", newPassword: "Another-horse-8" };
    expect((await caller.post("/change-password", change)).status).toBe(200);
    await own.pool.query("DELETE FROM app.sessions");
    const { rows } = await own.pool.query("SELECT sids FROM better_auth_revocation.revocations_after(NULL)");
    expect(rows[0].sids).toHaveLength(2);
    expect(rows[0].sids).toContain(sid);
  }, 60_000);
});
