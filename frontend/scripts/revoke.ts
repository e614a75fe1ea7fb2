import { database } from "#server/database.ts";
import { recordEvent } from "#server/identity/audit.ts";
import { CommandError, replaceKeys } from "#server/identity/key-rotation.ts";
import { auth } from "#server/identity/server.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { NAMES } from "#server/revocation/install.ts";
import { runCommand } from "./command.ts";

const USAGE = "usage: make revoke USER=<id or e-mail> | SESSION=<id> | ALL=1";

async function revokeUser(user: string): Promise<void> {
  const { rows } = await database().query<{ id: string }>(
    `SELECT id FROM ${NAMES.user} WHERE id = $1 OR email = lower($1)`,
    [user],
  );
  const [found] = rows;
  if (!found) throw new CommandError(`there is no user ${user}`);
  const revoked = await database().query<{ sessions: number }>(
    `SELECT ${NAMES.schema}.revoke_user($1) AS sessions`,
    [found.id],
  );
  await revocationsInForce();
  await record("all_sessions_ended", found.id);
  console.log(`every token of ${found.id} is revoked, ${revoked.rows[0]?.sessions} sessions ended`);
}

async function revokeSession(id: string): Promise<void> {
  const { rows } = await database().query<{ userId: string }>(
    'DELETE FROM auth.session WHERE id = $1 RETURNING "userId"',
    [id],
  );
  const [ended] = rows;
  if (!ended) throw new CommandError(`there is no session ${id}`);
  await revocationsInForce();
  await record("session_ended", ended.userId);
  console.log(`session ${id} is ended and its token revoked`);
}

async function revokeAll(): Promise<void> {
  const { rows } = await database().query<{ users: number }>(`SELECT ${NAMES.schema}.revoke_all() AS users`);
  await revocationsInForce();
  const key = await replaceKeys();
  console.log(
    `every token issued before now is revoked (${rows[0]?.users} users); the former keys are withdrawn, ${key.id} signs`,
  );
}

const record = async (type: "all_sessions_ended" | "session_ended", subjectId: string) =>
  recordEvent((await auth().$context).adapter, { type, subjectId });

await runCommand(async ([kind, argument = ""]) => {
  if (kind === "user" && argument) return revokeUser(argument);
  if (kind === "session" && argument) return revokeSession(argument);
  if (kind === "all") return revokeAll();
  throw new CommandError(USAGE);
});
