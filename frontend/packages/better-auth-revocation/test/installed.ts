import { type BetterAuthOptions, betterAuth } from "better-auth";
import { Database } from "../src/database/database.ts";
import { migrate } from "../src/migration/migrate.ts";
import { candidatesOf } from "../src/names/candidates.ts";
import { confirmTables } from "../src/names/catalog.ts";
import { settingsOf } from "../src/plugin/options.ts";
import { migrateBetterAuth, ORIGIN } from "./applications.ts";

/** Prepares a database as the README's two commands do. */
export async function install(options: BetterAuthOptions, url: string): Promise<void> {
  await migrateBetterAuth(options);
  const { adapter } = await betterAuth({ ...options, logger: { disabled: true } }).$context;
  const settings = settingsOf(options.plugins?.find(({ id }) => id === "revocation")?.options as never);
  const database = new Database(url);
  const tables = await confirmTables(database, await candidatesOf(options, adapter, settings.tables));
  await migrate(database, { schema: settings.schema, tables, tokenLifetime: settings.lifetime });
  await database.end();
}

type Handler = { handler: (request: Request) => Promise<Response> };

/** A browser, or another client, that keeps its cookies. */
export class Caller {
  readonly #auth: Handler;
  cookie = "";

  constructor(auth: Handler) {
    this.#auth = auth;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const answer = await this.#auth.handler(
      new Request(`${ORIGIN}/api/auth${path}`, {
        method,
        headers: {
          ...(this.cookie && { cookie: this.cookie, origin: ORIGIN }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const set = answer.headers.getSetCookie().map((one) => one.split(";", 1)[0] ?? "");
    if (set.length) this.cookie = set.filter((pair) => !pair.endsWith("=")).join("; ");
    return answer;
  }

  get = (path: string, headers?: Record<string, string>) => this.call("GET", path, undefined, headers);
  post = (path: string, body: unknown = {}, headers?: Record<string, string>) =>
    this.call("POST", path, body, headers);

  async signUp(email: string, password = "Correct-horse-7"): Promise<{ id: string }> {
    const answer = await this.post("/sign-up/email", { name: "Ada", email, password });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()).user;
  }

  signIn = (email: string, password = "Correct-horse-7") => this.post("/sign-in/email", { email, password });

  async token(): Promise<string> {
    const answer = await this.get("/token");
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()).token;
  }
}
