import { RevocationError } from "../errors.ts";
import type { Database } from "./database.ts";
import { queryRow, type Sql } from "./sql.ts";

const PROBE = "better_auth_revocation.probe";
const ROUNDS = 3;

/** Refuses an address that leads to a pooler which gives each transaction another connection (PgBouncer in transaction
 * mode, as in front of Neon's and Supabase's pooled addresses): there neither LISTEN nor a session's lock holds.
 *
 * One connection sets a value for its session. While another keeps a transaction open, which takes the server's
 * connection that was used last, the value must still be there.
 * @throws RevocationError */
export async function assertDirect(database: Database): Promise<void> {
  const direct = await database.onConnection(async (first) => {
    const mark = `${Date.now()}.${Math.random()}`;
    await first.query("SELECT set_config($1, $2, false)", [PROBE, mark]);
    const kept = await keepsItsSession(database, first, mark, ROUNDS);
    await first.query("SELECT set_config($1, '', false)", [PROBE]);
    return kept;
  });
  if (!direct) {
    throw new RevocationError(
      "`database` leads to a transaction pooler, through which LISTEN and locks don't work; give the direct address",
    );
  }
}

const keepsItsSession = (database: Database, first: Sql, mark: string, rounds: number): Promise<boolean> =>
  database.onConnection(async (other) => {
    await other.query("BEGIN");
    const seen = await readMark(other);
    const own = await readMark(first);
    const kept =
      own === mark &&
      seen !== mark &&
      (rounds === 1 || (await keepsItsSession(database, first, mark, rounds - 1)));
    await other.query("COMMIT");
    return kept;
  });

const readMark = async (connection: Sql): Promise<string | null> =>
  (await queryRow<{ mark: string | null }>(connection, "SELECT current_setting($1, true) AS mark", [PROBE]))
    .mark;
