import { setTimeout as sleep } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge } from "prom-client";
import { database } from "#server/database.ts";
import { openSessionStreams } from "#server/identity/session-watch.ts";
import { metrics } from "#server/metrics/registry.ts";

/** Milliseconds that the database may take; a metric that it does not give in time is absent. */
const PATIENCE = 1_000;

/** A sign-out waits for those who have acknowledged within ten seconds. */
const LISTENERS = `SELECT count(*)::int AS value FROM auth.revocation_listener
                   WHERE epoch = auth.revocation_epoch() AND seen_at > clock_timestamp() - interval '10 seconds'`;

const REVOCATIONS = `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('auth.revocation', 'id')::regclass), 0)
                       AS value`;

/** Adds metrics of the process's own state: event loop, memory, connections, event streams, followers of the feed. */
export function observeProcess(): void {
  const shared = metrics();
  if (shared.isProcessObserved) return;
  shared.isProcessObserved = true;
  const { registry } = shared;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "identity_admission_requests",
    help: "Requests that hash a password, by whether they are carried out (running) or wait for it (waiting).",
    labelNames: ["state"] as const,
    registers,
    collect() {
      this.set({ state: "running" }, shared.gate?.running ?? 0);
      this.set({ state: "waiting" }, shared.gate?.waiting ?? 0);
    },
  });
  new Gauge({
    name: "identity_database_connections",
    help: "Connections of the pool (busy, idle), and requests that wait for one (waiting).",
    labelNames: ["state"] as const,
    registers,
    collect() {
      const { totalCount, idleCount, waitingCount } = database();
      this.set({ state: "busy" }, totalCount - idleCount);
      this.set({ state: "idle" }, idleCount);
      this.set({ state: "waiting" }, waitingCount);
    },
  });
  new Gauge({
    name: "identity_event_streams",
    help: "Open event streams that tell browsers of the end of their session.",
    registers,
    collect() {
      this.set(openSessionStreams());
    },
  });
  new Gauge({
    name: "identity_revocation_listeners",
    help: "Followers of the feed in the database: processes of resource servers, or the publisher to NATS; absent when the database does not answer.",
    registers,
    async collect() {
      const value = await ask(LISTENERS);
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
  new Counter({
    name: "identity_revocations_total",
    help: "Revocations that the database has recorded, whoever caused them; the same from every instance.",
    registers,
    async collect() {
      const value = await ask(REVOCATIONS);
      this.remove();
      if (value !== undefined) this.inc(value);
    },
  });
}

async function ask(statement: string): Promise<number | undefined> {
  const asked = database()
    .query<{ value: number }>(statement)
    .then(({ rows }) => rows[0]?.value)
    .catch(() => undefined);
  return Promise.race([asked, sleep(PATIENCE, undefined, { ref: false })]);
}
