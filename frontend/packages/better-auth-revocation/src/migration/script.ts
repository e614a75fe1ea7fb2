import { literal } from "../database/sql.ts";
import { type Installation, type Names, namesOf } from "../sql/names.ts";
import { databaseObjects, VERSION } from "../sql/objects.ts";
import { beforeObjects, dropFormer } from "../sql/upgrade.ts";
import { endBannedSessions } from "../sql/users.ts";
import { recordStatements } from "./installed.ts";
import { MARGIN } from "./plan.ts";
import { privilegesOf } from "./privileges.ts";
import { settingsFor, takeTurn } from "./transaction.ts";

/** Milliseconds that a statement waits for a table which somebody else holds. */
const LOCK_TIMEOUT = 10_000;

/** A later version serves this one too, and must not lose what it has more. */
const refuseLater = ({ schema }: Names): string => `
DO $later$
DECLARE
    installed integer;
BEGIN
    IF to_regclass(${literal(`${schema}.revocation_installation`)}) IS NOT NULL THEN
        SELECT version INTO installed FROM ${schema}.revocation_installation;
        IF installed > ${VERSION} THEN
            RAISE EXCEPTION 'revocation objects of version % are installed, and this script has version ${VERSION}', installed
                USING HINT = 'Version ${VERSION} of the package works with them as they are.';
        END IF;
    END IF;
END $later$`;

/** One text that installs everything, upgrades what an earlier version has made, and repairs what is missing or was
 * altered, whatever it finds but a later version, which it refuses. To be run in one transaction by the owner of Better Auth's tables; the schema must be there.
 * @param reader the database role of the resource servers, if they have one */
export function installationScript(wanted: Installation, reader?: string): string {
  const names = namesOf(wanted);
  const objects = databaseObjects(names);
  const state = { version: VERSION, maxTokenLife: wanted.tokenLifetime + MARGIN, madeSchema: false };
  const statements = [
    takeTurn(wanted.schema),
    ...settingsFor(LOCK_TIMEOUT),
    refuseLater(names),
    beforeObjects(names),
    ...objects.map(({ create }) => create),
    endBannedSessions(names),
    ...recordStatements(state, wanted.schema, objects),
    dropFormer(names),
    ...privilegesOf(wanted.schema, reader),
  ];
  return `${statements.map((one) => one.trim()).join(";\n\n")};\n`;
}
