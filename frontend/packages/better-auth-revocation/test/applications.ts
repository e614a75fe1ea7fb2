import { type BetterAuthOptions, betterAuth } from "better-auth";
import { makeSignature } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";

export const ORIGIN = "http://localhost:3000";
export const SECRET = "a secret of the tests, 32 characters and more";

/** Options that an application has before it knows of this package. */
export const stockOptions = {
  baseURL: ORIGIN,
  secret: SECRET,
  emailAndPassword: {
    enabled: true,
    password: { hash: async (text) => text, verify: async ({ hash, password }) => hash === password },
  },
  rateLimit: { enabled: false },
  logger: { level: "error" },
} satisfies BetterAuthOptions;

/** Creates Better Auth's tables by its own migrator. */
export async function migrateBetterAuth(options: BetterAuthOptions): Promise<void> {
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
}

/** Signs somebody up with a stock Better Auth; returns ids and the session's cookie. */
export async function signUpWith(options: BetterAuthOptions, email: string) {
  const auth = betterAuth(options);
  const { headers, response } = await auth.api.signUpEmail({
    body: { name: "Ada", email, password: "Correct-horse-7" },
    returnHeaders: true,
  });
  const cookie = headers
    .getSetCookie()
    .map((one) => one.split(";", 1)[0])
    .join("; ");
  const found = await auth.api.getSession({ headers: new Headers({ cookie }) });
  if (!found) throw new Error("no session");
  return { userId: response.user.id, sessionId: found.session.id, token: found.session.token, cookie };
}

/** Opens another session of somebody's, without the time that a password takes. */
export async function sessionWith(options: BetterAuthOptions, userId: string) {
  const { internalAdapter, authCookies, secret } = await betterAuth(options).$context;
  const { id: sessionId, token } = await internalAdapter.createSession(userId);
  const value = encodeURIComponent(`${token}.${await makeSignature(token, secret)}`);
  return { userId, sessionId, token, cookie: `${authCookies.sessionToken.name}=${value}` };
}
