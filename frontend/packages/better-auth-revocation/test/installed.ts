import type { BetterAuthOptions } from "better-auth";
import { betterAuth } from "better-auth";
import { prepareDatabase } from "../src/testing.ts";
import { ORIGIN } from "./applications.ts";

/** Prepares a database as the README's two commands do. */
export const install = (options: BetterAuthOptions, url: string): Promise<void> =>
  prepareDatabase(betterAuth({ ...options, logger: { disabled: true } }), { database: url });

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
