import { createHash } from "node:crypto";
import { feed } from "./feed.ts";
import { functions, grants, integrity, recordObjects, recordVersion, withdraw } from "./integrity.ts";
import { kinds } from "./kinds.ts";
import { listeners } from "./listeners.ts";
import type { Names } from "./names.ts";
import { passwords } from "./passwords.ts";
import { sessions } from "./sessions.ts";
import { tables } from "./tables.ts";
import { beforeTables, carryVersionsOver, dropFormer, formerTokenLife } from "./upgrade.ts";
import { versions } from "./versions.ts";

/** Raised whenever a reader needs something that an older database does not have. */
export const VERSION = 3;

const objects = (names: Names): string =>
  [
    beforeTables(names),
    tables(names),
    functions(names),
    carryVersionsOver(names),
    versions(names),
    kinds(names),
    sessions(names),
    passwords(names),
    feed(names),
    listeners(names),
    integrity(names),
  ].join("\n");

/** Tells one text of the SQL from another. */
export const digestOf = (names: Names): string =>
  createHash("sha256").update(objects(names)).digest("hex").slice(0, 32);

/** The SQL that installs the revocation feed or brings it up to date; to be run in one transaction, by the owner of
 * Better Auth's tables. Running it again repairs what is missing or was altered. `tokenLife`: of the longest token, in
 * seconds; a longer one of before stays. `reader`: the database role of the resource servers, if they have one. */
export const installation = (
  names: Names,
  { tokenLife, reader }: { tokenLife: number; reader?: string | undefined },
): string =>
  [
    // A table that is in use for long must not hold up all who come after this.
    "SET LOCAL lock_timeout = '10s';",
    "SELECT pg_advisory_xact_lock(hashtext('revocation installation'));",
    objects(names),
    withdraw(names),
    recordVersion(names, { version: VERSION, digest: digestOf(names), tokenLife }),
    formerTokenLife(names),
    dropFormer(names),
    recordObjects(names),
    ...(reader === undefined ? [] : [grants(names, reader)]),
  ].join("\n");
