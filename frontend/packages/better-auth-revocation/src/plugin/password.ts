import { createHash } from "node:crypto";
import {
  defineRequestState,
  hasRequestState,
  tryGetCurrentAuthEndpointContext,
} from "@better-auth/core/context";
import type { AuthContext, BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** What this request was allowed with: the fingerprint of the password that it verified or set. */
const used = defineRequestState<{ fingerprint?: string; userId?: string }>(() => ({}));

/** A digest of a stored hash, as the database makes it. The hash has a random salt. */
const fingerprintOf = (hash: string): string => createHash("sha256").update(hash).digest("hex");

async function remember(fingerprint: unknown): Promise<void> {
  if (typeof fingerprint === "string" && (await hasRequestState()))
    (await used.get()).fingerprint = fingerprint;
}

/** Stored on whatever a password opens; kept out of every answer. */
const passwordFingerprint = { type: "string", required: false, input: false, returned: false } as const;

export const fingerprintSchema = {
  session: { fields: { passwordFingerprint } },
  account: { fields: { passwordFingerprint } },
  verification: { fields: { passwordFingerprint } },
};

/** `password`, which remembers what it has verified. */
export const rememberingPassword = (password: AuthContext["password"]): AuthContext["password"] => ({
  ...password,
  verify: async (attempt) => {
    const verified = await password.verify(attempt);
    // That endpoint opens nothing. An application may ask for a password so before it acts on another user.
    const opensNothing = tryGetCurrentAuthEndpointContext()?.path === "/verify-password";
    if (verified && !opensNothing) await remember(fingerprintOf(attempt.hash));
    return verified;
  },
});

async function rememberHash({ password }: { password?: string | null | undefined }): Promise<void> {
  if (password) await remember(fingerprintOf(password));
}

/** Whether a request deletes the row because it uses it: Better Auth also deletes whatever has expired, of any user. */
export const isUsedUp = ({ expiresAt }: Record<string, unknown>): boolean =>
  new Date(expiresAt as string | Date).getTime() > Date.now();

/** What a hook changes of a row, and nothing else: it may not see what other hooks have changed. */
type Bound = { data: { passwordFingerprint: string } } | undefined;
const bound = ({ fingerprint }: { fingerprint?: string }): Bound =>
  fingerprint === undefined ? undefined : { data: { passwordFingerprint: fingerprint } };

async function bindSession({ userId }: { userId: string }): Promise<Bound> {
  if (!(await hasRequestState())) return undefined;
  const state = await used.get();
  state.userId = String(userId);
  return bound(state);
}

/** Binds what has the user's id for its value: a pending second factor, a trusted device. Others are counters and codes. */
async function bindVerification(
  { value }: { value: string },
  ctx?: { context?: { session?: { user?: { id: string } } | null } } | null,
): Promise<Bound> {
  if (!(await hasRequestState())) return undefined;
  const state = await used.get();
  return value === String(state.userId ?? ctx?.context?.session?.user?.id) ? bound(state) : undefined;
}

/** A new password carries the fingerprint of the one that was verified for it, which the database holds it to. */
async function replace(account: { password?: string | null | undefined }): Promise<Bound> {
  const found = account.password && (await hasRequestState()) ? bound(await used.get()) : undefined;
  await rememberHash(account);
  return found;
}

/** Binds what a password opens to that password: a session, a pending second factor, a trusted device.
 *
 * Between the check of a password and the session that it opens lies the time of a hash. Triggers in the database compare
 * the fingerprint that the row carries with the account's at that moment and refuse the row when the password has been
 * changed, so that nothing of an older password outlives a change, whatever was on its way. */
export const passwordHooks = {
  account: { create: { before: rememberHash }, update: { before: replace } },
  session: { create: { before: bindSession } },
  verification: {
    create: { before: bindVerification },
    // What is used up here was opened with that password, in an earlier request.
    delete: {
      before: async (verification: Record<string, unknown>) => {
        if (isUsedUp(verification)) await remember(verification["passwordFingerprint"]);
      },
    },
  },
};

/** The database ends all sessions; without this, the caller would not get a new one. */
export const newSessionOnNewPassword = {
  matcher: ({ path }: { path?: string }) => path === "/change-password",
  handler: createAuthMiddleware(async ({ body }) => ({
    context: { body: { ...body, revokeOtherSessions: true } },
  })),
};

/** Not every endpoint leaves out the fields that are not to be returned: `/admin/impersonate-user` does not. */
export const keepFingerprints = {
  matcher: () => true,
  handler: createAuthMiddleware(async ({ context: { returned } }) =>
    isPlain(returned) || Array.isArray(returned) ? withoutFingerprints(returned) : undefined,
  ),
};

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function withoutFingerprints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFingerprints);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "passwordFingerprint")
      .map(([name, member]) => [name, withoutFingerprints(member)]),
  );
}

/** The binding as a plugin of its own, for an application that composes its plugins itself. `revocableJwt()` has it. */
export const passwordBinding = () =>
  ({
    id: "password-binding",
    schema: fingerprintSchema,
    init: ({ password }) => ({
      context: { password: rememberingPassword(password) },
      options: { databaseHooks: passwordHooks },
    }),
    hooks: { before: [newSessionOnNewPassword], after: [keepFingerprints] },
  }) satisfies BetterAuthPlugin;
