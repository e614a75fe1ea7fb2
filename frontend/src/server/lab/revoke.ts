import type { Way } from "#contract/lab.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { auth } from "#server/identity/server.ts";
import { clientHeader, type Guest } from "#server/lab/guest.ts";

/** Revokes the guest's token in one of the ways that there are; each is what would happen to any user.
 * @throws when the identity provider refuses. */
export const revoke = (guest: Guest, way: Way): Promise<void> => WAYS_TO_REVOKE[way](guest);

const WAYS_TO_REVOKE: Record<Way, (guest: Guest) => Promise<void>> = {
  "sign-out": (guest) => call(guest, "/api/auth/sign-out", {}),
  password: (guest) =>
    call(guest, "/api/auth/change-password", {
      currentPassword: guest.password,
      newPassword: `${guest.password}2`,
    }),
  // As Better Auth's own administration does these two. An administrator's session would be too much to keep for it.
  async ban({ id }) {
    const { internalAdapter } = await auth().$context;
    await internalAdapter.updateUser(id, { banned: true, banReason: "Pressed in the lab" });
    await internalAdapter.deleteUserSessions(id);
  },
  async role({ id }) {
    const { internalAdapter } = await auth().$context;
    await internalAdapter.updateUser(id, { role: "reader" });
  },
  async sql({ decoded }) {
    await database().query("DELETE FROM auth.session WHERE id = $1", [decoded.claims.sid]);
  },
};

async function call({ cookie, address }: Guest, path: string, body: unknown): Promise<void> {
  const origin = env().BETTER_AUTH_URL;
  const answer = await handleAuthRequest(
    new Request(new URL(path, origin), {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/json", ...clientHeader(address) },
      body: JSON.stringify(body),
    }),
  );
  if (!answer.ok) throw new Refused(answer);
}

/** The identity provider's own refusal. */
export class Refused extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`the identity provider answered ${response.status}`);
    this.response = response;
  }
}
