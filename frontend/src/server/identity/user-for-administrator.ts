import "server-only";
import { cache } from "react";
import { describeUser } from "#server/identity/plugins/user-admin.ts";
import { auth } from "#server/identity/server.ts";

/** A user as the administrators' pages show them, dates in ISO 8601; nothing when there is none. Read once for a page and its
 * title. The caller sees to it that it is for an administrator. */
export const userForAdministrator = cache(async (id: string) => {
  const { internalAdapter } = await auth().$context;
  const found = await internalAdapter.findUserById(id);
  if (!found) return undefined;
  const { createdAt, banExpires, ...user } = describeUser(found);
  return { ...user, createdAt: createdAt.toISOString(), banExpires: banExpires?.toISOString() ?? null };
});
