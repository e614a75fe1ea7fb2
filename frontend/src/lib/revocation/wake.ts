import { EventEmitter, once } from "node:events";
import { Client } from "pg";
import { env } from "#lib/env.ts";

/** Milliseconds after which to look anyway: behind a transaction pooler no notification arrives. */
const POLL_INTERVAL = 1_000;

const revocations = new EventEmitter().setMaxListeners(0);
revocations.on("revocation", () => {
  heard += 1;
});

let heard = 0;
let listener: Promise<Client> | undefined;

/** How many notifications have come so far. To be asked before reading, so that none between is missed. */
export async function heardRevocations(): Promise<number> {
  listener ??= listen();
  await listener.catch(() => undefined);
  return heard;
}

/** Resolves once more than `known` notifications have come, after the poll interval, or after `timeout` milliseconds. */
export async function nextRevocation(known: number, timeout: number, signal: AbortSignal): Promise<void> {
  if (heard !== known) return;
  const deadline = AbortSignal.any([AbortSignal.timeout(Math.min(timeout, POLL_INTERVAL)), signal]);
  await once(revocations, "revocation", { signal: deadline }).catch(() => undefined);
}

function listen(): Promise<Client> {
  const client = new Client({
    connectionString: env().DATABASE_URL,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  const forget = () => {
    if (listener === listening) listener = undefined;
    client.end().catch(() => undefined);
  };
  client.on("error", forget);
  client.on("notification", () => revocations.emit("revocation"));
  const listening = client
    .connect()
    .then(() => client.query("LISTEN revocation"))
    .then(() => client);
  listening.catch(forget);
  return listening;
}
