import { getMigrations } from "better-auth/db/migration";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { AUDIT_AGE_SQL } from "#server/identity/audit-retention.ts";
import { ensureSigningKey } from "#server/identity/key-rotation.ts";
import { BOUND_OLD_SESSIONS_SQL, sessionEndSql } from "#server/identity/plugins/session-end.ts";
import { authOptions } from "#server/identity/server.ts";
import { TAKE_OVER_RENEWALS_SQL } from "#server/revocation/former-renewals.ts";
import { installRevocations } from "#server/revocation/install.ts";
import { runCommand } from "./command.ts";

/** `migrate.ts [ROLE]`: brings the identity provider's part of the database up to date; ROLE reads the revocations. */
await runCommand(async ([reader]) => {
  const { toBeCreated, toBeAdded, runMigrations } = await getMigrations(authOptions(env()));
  await runMigrations();
  await installRevocations(env().DATABASE_URL, env().ACCESS_TOKEN_LIFETIME, reader);
  await database().query(TAKE_OVER_RENEWALS_SQL);
  await database().query(sessionEndSql(env().SESSION_MAX_LIFETIME));
  await database().query(BOUND_OLD_SESSIONS_SQL, [env().SESSION_MAX_LIFETIME]);
  await database().query(AUDIT_AGE_SQL);
  const { id, alg } = await ensureSigningKey();
  console.log(
    `auth: ${toBeCreated.length} tables created, ${toBeAdded.length} altered; revocation feed up to date; ${alg} key ${id} signs`,
  );
});
