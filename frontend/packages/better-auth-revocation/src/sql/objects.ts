import { feed } from "./feed.ts";
import { integrity } from "./integrity.ts";
import { kinds } from "./kinds.ts";
import { listeners } from "./listeners.ts";
import type { Names } from "./names.ts";
import { passwords } from "./passwords.ts";
import { renewals } from "./renewals.ts";
import { sessions } from "./sessions.ts";
import { type DatabaseObject, objectsIn } from "./statements.ts";
import { tables } from "./tables.ts";
import { users } from "./users.ts";
import { versions } from "./versions.ts";

/** Version of the SQL below. Each release that changes it raises it, and keeps what readers and plugins of earlier versions
 * call. A changed table or index is upgraded in `upgrade.ts`. */
export const VERSION = 5;

/** Every database object of ours, in the order in which they can be made. Triggers on Better Auth's tables come last, in the
 * order in which a sign-up locks these, so that a migration and a request never wait for each other. */
export function databaseObjects(names: Names): DatabaseObject[] {
  const objects = objectsIn(
    [tables, versions, kinds, renewals, sessions, users, passwords, feed, listeners, integrity]
      .map((part) => part(names))
      .join("\n"),
  );
  const locked = [names.user, names.account, names.verification, names.session];
  const place = ({ trigger }: DatabaseObject) => (trigger ? locked.indexOf(trigger.table) : -1);
  return objects.toSorted((one, other) => place(one) - place(other));
}
