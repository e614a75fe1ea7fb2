import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { recordEvent } from "#server/identity/audit.ts";
import { CommandError, replaceKeys } from "#server/identity/key-rotation.ts";
import { auth } from "#server/identity/server.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { SCHEMA } from "#server/revocation/install.ts";
import { runCommand } from "./command.ts";

const USAGE =
  "usage: make revoke USER=<id or e-mail> [BEFORE=now|<time>] | SESSION=<id> | TOKEN=<jti> | CLIENT=<client_id> | ALL=1 [BEFORE=now|<time>]";

/** Bytes of a name that the database takes. */
const LONGEST_NAME = 400;

async function idOf(user: string): Promise<string> {
  const { rows } = await database().query<{ id: string }>(
    `SELECT id FROM ${SCHEMA}."user" WHERE id = $1 OR email = lower($1)`,
    [user],
  );
  const [found] = rows;
  if (!found) throw new CommandError(`there is no user ${user}`);
  return found.id;
}

async function revokeUser(user: string): Promise<void> {
  const id = await idOf(user);
  const revoked = await database().query<{ sessions: number }>(
    `SELECT ${SCHEMA}.revoke_user($1) AS sessions`,
    [id],
  );
  await revocationsInForce();
  await record("all_sessions_ended", id);
  console.log(`every token of ${id} is revoked, ${revoked.rows[0]?.sessions} sessions ended`);
}

async function revokeUserBefore(user: string, before: string): Promise<void> {
  const id = await idOf(user);
  await database().query(`SELECT ${SCHEMA}.revoke_issued_before($1, subject => $2)`, [before, id]);
  await revocationsInForce();
  await record("tokens_revoked", id);
  console.log(`every token of ${id} that was issued before ${before} is revoked; sessions live on`);
}

async function revokeToken(id: string): Promise<void> {
  await database().query(`SELECT ${SCHEMA}.revoke_token($1)`, [named(id)]);
  await revocationsInForce();
  console.log(`the token with the jti ${id} is revoked, if there is one; its session lives on`);
}

async function revokeClient(id: string): Promise<void> {
  await database().query(`SELECT ${SCHEMA}.revoke_client($1)`, [named(id)]);
  await revocationsInForce();
  console.log(`every token with the client_id ${id} is revoked, those that are issued from now on too`);
}

function named(id: string): string {
  if (Buffer.byteLength(id) <= LONGEST_NAME) return id;
  throw new CommandError(`an id has ${LONGEST_NAME} bytes at most; nothing was revoked`);
}

async function revokeAllBefore(before: string): Promise<void> {
  await database().query(`SELECT ${SCHEMA}.revoke_issued_before($1, issuer => $2)`, [
    before,
    env().BETTER_AUTH_URL,
  ]);
  await revocationsInForce();
  console.log(`every token that was issued before ${before} is revoked; sessions and keys live on`);
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
  const { rows } = await database().query<{ users: number }>(`SELECT ${SCHEMA}.revoke_all() AS users`);
  await revocationsInForce();
  const key = await replaceKeys();
  console.log(
    `every token issued before now is revoked (${rows[0]?.users} users); the former keys are withdrawn, ${key.id} signs`,
  );
}

const record = async (type: "all_sessions_ended" | "session_ended" | "tokens_revoked", subjectId: string) =>
  recordEvent((await auth().$context).adapter, { type, subjectId });

await runCommand(async ([kind, argument = "", before = ""]) => {
  if (kind === "user" && argument) return before ? revokeUserBefore(argument, before) : revokeUser(argument);
  if (kind === "session" && argument) return revokeSession(argument);
  if (kind === "token" && argument) return revokeToken(argument);
  if (kind === "client" && argument) return revokeClient(argument);
  if (kind === "all") return before ? revokeAllBefore(before) : revokeAll();
  throw new CommandError(USAGE);
});
