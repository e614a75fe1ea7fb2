import { createHash } from "node:crypto";
import { defineRequestState, hasRequestState } from "@better-auth/core/context";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** What this request was allowed with: the fingerprint of the password that it verified or set. */
const used = defineRequestState<{ fingerprint?: string }>(() => ({}));

/** A digest of a stored hash, as the database makes it (`revocation_fingerprint`). The hash has a random salt. */
const fingerprintOf = (hash: string) => createHash("sha256").update(hash).digest("hex");

async function remember(fingerprint: unknown): Promise<void> {
  if (typeof fingerprint === "string" && (await hasRequestState()))
    (await used.get()).fingerprint = fingerprint;
}

const remembered = async () => ((await hasRequestState()) ? (await used.get()).fingerprint : undefined);

/** Stored on whatever a password opens; kept out of every answer. */
const passwordFingerprint = { type: "string", required: false, input: false, returned: false } as const;

/** Binds what a password opens to that password: a session, a pending second factor, a trusted device.
 *
 * Between the check of a password and the session that it opens lies the time of a hash. Triggers in the database
 * compare the fingerprint that the row carries with the account's at that moment and refuse the row when the password
 * has been changed, so that nothing of an older password outlives a change, whatever was on its way. */
export const passwordBinding = () =>
  ({
    id: "password-binding",
    schema: {
      session: { fields: { passwordFingerprint } },
      account: { fields: { passwordFingerprint } },
      verification: { fields: { passwordFingerprint } },
    },
    init: ({ password }) => ({
      context: {
        password: {
          ...password,
          verify: async (attempt: { hash: string; password: string }) => {
            const verified = await password.verify(attempt);
            if (verified) await remember(fingerprintOf(attempt.hash));
            return verified;
          },
        },
      },
      options: {
        databaseHooks: {
          account: {
            create: { before: (account) => rememberHash(account) },
            update: { before: (account) => replace(account) },
          },
          session: { create: { before: bind } },
          verification: {
            create: { before: bind },
            // What is used up here was opened with that password, in an earlier request.
            delete: {
              before: (verification: Record<string, unknown>) =>
                remember(verification["passwordFingerprint"]),
            },
          },
        },
      },
    }),
    hooks: {
      before: [
        {
          // The database ends all sessions; without this, the caller would not get a new one.
          matcher: ({ path }) => path === "/change-password",
          handler: createAuthMiddleware(async ({ body }) => ({
            context: { body: { ...body, revokeOtherSessions: true } },
          })),
        },
      ],
      after: [
        {
          // Not every endpoint leaves out the fields that are not to be returned: `/admin/impersonate-user` does not.
          matcher: () => true,
          handler: createAuthMiddleware(async ({ context: { returned } }) =>
            isPlain(returned) || Array.isArray(returned) ? withoutFingerprints(returned) : undefined,
          ),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

async function rememberHash(account: { password?: string | null | undefined }): Promise<void> {
  if (account.password) await remember(fingerprintOf(account.password));
}

async function bind<Row extends object>(row: Row): Promise<{ data: Row & { passwordFingerprint?: string } }> {
  const fingerprint = await remembered();
  return { data: fingerprint === undefined ? row : { ...row, passwordFingerprint: fingerprint } };
}

/** A new password carries the fingerprint of the one that was verified for it, which the database holds it to. */
async function replace<Row extends { password?: string | null | undefined }>(
  account: Row,
): Promise<{ data: Row & { passwordFingerprint?: string } }> {
  const bound = account.password ? await bind(account) : { data: account };
  await rememberHash(account);
  return bound;
}

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
