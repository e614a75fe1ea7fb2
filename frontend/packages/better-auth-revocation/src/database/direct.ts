import { RevocationError } from "../errors.ts";
import type { Database } from "./database.ts";
import { queryRow, type Sql } from "./sql.ts";

const PROBE = "better_auth_revocation.probe";
const ROUNDS = 3;

/** Refuses an address that leads to a pooler which gives each transaction another connection (PgBouncer in transaction
 * mode, as in front of Neon's and Supabase's pooled addresses): there neither LISTEN nor a session's lock holds.
 *
 * One connection sets a value for its session. While another keeps a transaction open, which takes the server's
 * connection that was used last or the next in turn, the first must still see its value, and the other must not. Both are
 * opened for this, whatever the size of the pool.
 * @throws RevocationError */
export async function assertDirect(database: Database): Promise<void> {
  const isDirect = await database.onOwnConnection((first) =>
    database.onOwnConnection(async (other) => {
      const mark = `${Date.now()}.${Math.random()}`;
      await first.query("SELECT set_config($1, $2, false)", [PROBE, mark]);
      let kept = true;
      for (let round = 0; kept && round < ROUNDS; round++) {
        await other.query("BEGIN");
        kept = (await readMark(other)) !== mark && (await readMark(first)) === mark;
        await other.query("COMMIT");
      }
      await first.query("SELECT set_config($1, '', false)", [PROBE]);
      return kept;
    }),
  );
  if (!isDirect) {
    throw new RevocationError(
      "`database` leads to a transaction pooler, through which LISTEN and locks don't work; give the direct address",
    );
  }
}

const readMark = async (connection: Sql): Promise<string | null> =>
  (await queryRow<{ mark: string | null }>(connection, "SELECT current_setting($1, true) AS mark", [PROBE]))
    .mark;
