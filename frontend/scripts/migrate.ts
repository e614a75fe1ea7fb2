import { getMigrations } from "better-auth/db/migration";
import { ensureSigningKey } from "#lib/auth/key-rotation.ts";
import { BOUND_OLD_SESSIONS_SQL, SESSION_END_SQL } from "#lib/auth/plugins/session-end.ts";
import { auth } from "#lib/auth/server.ts";
import { database } from "#lib/database.ts";
import { env } from "#lib/env.ts";
import { runCommand } from "./command.ts";

await runCommand(async () => {
  const { toBeCreated, toBeAdded, runMigrations } = await getMigrations(auth().options);
  await runMigrations();
  await database().query(SESSION_END_SQL);
  await database().query(BOUND_OLD_SESSIONS_SQL, [env().SESSION_MAX_LIFETIME]);
  const { id, alg } = await ensureSigningKey();
  console.log(
    `auth: ${toBeCreated.length} tables created, ${toBeAdded.length} altered; ${alg} key ${id} signs`,
  );
});
