import { type Installation, namesOf } from "../sql/names.ts";
import { databaseObjects, VERSION } from "../sql/objects.ts";
import { beforeObjects, dropFormer } from "../sql/upgrade.ts";
import { endBannedSessions } from "../sql/users.ts";
import { recordStatements } from "./installed.ts";
import { MARGIN } from "./plan.ts";
import { privilegesOf } from "./privileges.ts";

/** One text that installs everything, upgrades what an earlier version has made, and repairs what is missing or was
 * altered, whatever it finds. To be run in one transaction by the owner of Better Auth's tables; the schema must be there.
 * @param reader the database role of the resource servers, if they have one */
export function installationScript(wanted: Installation, reader?: string): string {
  const names = namesOf(wanted);
  const objects = databaseObjects(names);
  const state = { version: VERSION, maxTokenLife: wanted.tokenLifetime + MARGIN, madeSchema: false };
  const statements = [
    "SET LOCAL lock_timeout = '10s'",
    "SET LOCAL search_path = pg_catalog",
    "SELECT pg_advisory_xact_lock(hashtext('revocation installation'))",
    beforeObjects(names),
    ...objects.map(({ create }) => create),
    endBannedSessions(names),
    ...recordStatements(state, wanted.schema, objects),
    dropFormer(names),
    ...privilegesOf(wanted.schema, reader),
  ];
  return `${statements.map((one) => one.trim()).join(";\n\n")};\n`;
}
