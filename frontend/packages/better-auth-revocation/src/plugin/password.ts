import { createHash } from "node:crypto";
import { defineRequestState, hasRequestState } from "@better-auth/core/context";
import type { AuthContext } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** The hash of the password that this request has proved, if it has. */
const proved = defineRequestState<{ hash?: string }>(() => ({}));

/** As the database computes it of the hash that it stores. */
const fingerprintOf = (hash: string): string => createHash("sha256").update(hash).digest("hex");

const note = async (hash: string): Promise<void> => {
  if (await hasRequestState()) (await proved.get()).hash = hash;
};

/** `password`, which remembers the hash that it has verified. */
export const rememberingProof = (password: AuthContext["password"]): AuthContext["password"] => ({
  ...password,
  verify: async (data) => {
    const verified = await password.verify(data);
    if (verified) await note(data.hash);
    return verified;
  },
});

/** After a new password has been stored, it is the one that this request has proved. */
export const noteNewPassword = async ({
  password,
}: {
  password?: string | null | undefined;
}): Promise<void> => {
  if (password) await note(password);
};

/** What is opened with a password carries that password's fingerprint, so that the database refuses it once the password
 * has been changed, however the two requests overlap. */
export const fingerprinted = async <T extends object>(
  data: T,
): Promise<{ data: T & { passwordFingerprint: string } } | undefined> => {
  const { hash } = (await hasRequestState()) ? await proved.get() : {};
  return hash === undefined ? undefined : { data: { ...data, passwordFingerprint: fingerprintOf(hash) } };
};

/** A changed password ends every session; the caller gets a new one. The stock endpoint leaves all alive. */
export const endOthersOnNewPassword = {
  matcher: ({ path }: { path?: string }) => path === "/change-password",
  handler: createAuthMiddleware(async ({ body }) => ({
    context: { body: { ...body, revokeOtherSessions: true } },
  })),
};
