import type { Server as HttpServer } from "node:http";
import { createServer, type ListenOptions, type Server } from "node:net";
import { CONNECTION_LIMITS } from "#server/http/listener.ts";

type Address = Required<Pick<ListenOptions, "port" | "host" | "backlog">>;

/** Node accepts one connection per listening socket and turn of its event loop (libuv since 1.45). With a single socket, a
 * process whose turns take 40 ms takes in 25 connections a second, and the others wait, however little they ask for. */
const SOCKETS = 16;
/** As the HTTP server opens its own. */
const OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: CONNECTION_LIMITS.idle,
};

/** Makes a server listen on an address, by several sockets where the system shares a port among them. Resolves with all
 * that listen, the server first. @throws NodeJS.ErrnoException EADDRINUSE where another process listens */
export async function listen(server: HttpServer, address: Address): Promise<Server[]> {
  if (process.platform !== "linux") {
    await started(server, address);
    return [server];
  }
  // Other processes may share a shared port too: only a socket that does not share shows that one of them listens.
  await closed(await started(createServer(), address));
  const shared = { ...address, reusePort: true };
  await started(server, shared);
  const { port } = server.address() as { port: number };
  const others = Array.from({ length: SOCKETS - 1 }, () =>
    createServer(OPTIONS, (socket) => server.emit("connection", socket)),
  );
  return [server, ...(await Promise.all(others.map((one) => started(one, { ...shared, port }))))];
}

const started = <One extends Server>(one: One, options: ListenOptions): Promise<One> =>
  new Promise((resolve, reject) => {
    one.once("error", reject);
    one.listen(options, () => {
      one.off("error", reject);
      resolve(one);
    });
  });

const closed = (one: Server): Promise<void> => new Promise((resolve) => one.close(() => resolve()));
