import { getMigrations } from "better-auth/db/migration";
import { ensureSigningKey } from "#lib/auth/key-rotation.ts";
import { auth } from "#lib/auth/server.ts";
import { runCommand } from "./command.ts";

await runCommand(async () => {
  const { toBeCreated, toBeAdded, runMigrations } = await getMigrations(auth().options);
  await runMigrations();
  const { id, alg } = await ensureSigningKey();
  console.log(
    `auth: ${toBeCreated.length} tables created, ${toBeAdded.length} altered; ${alg} key ${id} signs`,
  );
});
