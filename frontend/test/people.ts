import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import type { AccessTokenClaims } from "#contract/claims.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { startSession } from "#server/identity/credentials.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";

export const ORIGIN = "http://localhost:3000";
export const PASSWORD = "Correct-horse-7";

/** Somebody who is signed in, with a client that holds its token. */
export type Person = {
  id: string;
  email: string;
  accessToken: string;
  claims: AccessTokenClaims;
  /** The Cookie header that carries the session. */
  cookie: string;
};

export const freshEmail = () => `${randomUUID()}@example.com`;

/** A request of a page of ours. */
export function pageRequest(
  path: string,
  { method = "GET", body, cookie, headers = {} }: PageRequestOptions = {},
): Request {
  return new Request(new URL(path, ORIGIN), {
    method,
    headers: {
      origin: ORIGIN,
      ...(cookie && { cookie }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** A POST of a client that is no browser. */
export function clientRequest(
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Request {
  const request = pageRequest(path, { method: "POST", body, headers });
  if (!Object.hasOwn(headers, "origin")) request.headers.delete("origin");
  return request;
}

/** The Cookie header of a browser in whose place `person` is signed in and holds that token. */
export const browserCookies = ({ cookie, accessToken }: Pick<Person, "cookie" | "accessToken">): string => {
  const set = accessTokenCookie().set({ accessToken, expiresIn: 60 }, new Headers({ cookie }));
  return `${cookie}; ${set.split(";", 1)[0]}`;
};

type PageRequestOptions = {
  method?: string;
  /** Sent as JSON; a string as it is. */
  body?: unknown;
  cookie?: string;
  headers?: Record<string, string>;
};

/** Calls an endpoint of the identity provider as `person`. */
export const get = (path: string, person?: Pick<Person, "cookie">) =>
  handleAuthRequest(pageRequest(`/api/auth${path}`, { ...person }));

export const post = (path: string, person: Pick<Person, "cookie"> | undefined, body: unknown = {}) =>
  handleAuthRequest(pageRequest(`/api/auth${path}`, { ...person, method: "POST", body }));

/** The Cookie header of a browser that has taken an answer's cookies: of each name the last one. */
export function cookieOf(answer: Response): string {
  const held = answer.headers.getSetCookie().map((cookie) => {
    const [pair = ""] = cookie.split(";", 1);
    return [pair.split("=", 1)[0], pair] as const;
  });
  return [...new Map(held).values()].join("; ");
}

export async function signUp(email = freshEmail(), name = "Ada"): Promise<Person> {
  return personOf(
    await startSession(
      "sign-up",
      clientRequest("/api/auth/sign-up", { body: { name, email, password: PASSWORD } }),
    ),
  );
}

export async function signIn(email: string, password = PASSWORD): Promise<Person> {
  return personOf(
    await startSession("sign-in", clientRequest("/api/auth/sign-in", { body: { email, password } })),
  );
}

async function personOf(answer: Response): Promise<Person> {
  if (!answer.ok) throw new Error(await answer.text());
  const { user, access_token: accessToken } = await answer.json();
  const claims = decodeJwt<AccessTokenClaims>(accessToken);
  return { id: user.id, email: user.email, accessToken, claims, cookie: cookieOf(answer) };
}

/** Makes `person` an administrator, as `make role` does. */
export async function makeAdmin(person: Person): Promise<void> {
  const { database } = await import("#server/database.ts");
  await database().query(`UPDATE auth."user" SET role = 'admin' WHERE id = $1`, [person.id]);
}
