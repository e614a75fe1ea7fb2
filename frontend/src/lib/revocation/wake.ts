import { EventEmitter, once } from "node:events";
import { Client } from "pg";
import { env } from "#lib/env.ts";

/** Milliseconds after which to look anyway: behind a transaction pooler no notification arrives. */
const POLL_INTERVAL = 1_000;

const revocations = new EventEmitter().setMaxListeners(0);

let listener: Promise<Client> | undefined;

/** Resolves at the next revocation, after the poll interval, or after `timeout` milliseconds, whichever is first. */
export async function nextRevocation(timeout: number, signal: AbortSignal): Promise<void> {
  listener ??= listen();
  await listener.catch(() => undefined);
  const deadline = AbortSignal.any([AbortSignal.timeout(Math.min(timeout, POLL_INTERVAL)), signal]);
  await once(revocations, "revocation", { signal: deadline }).catch(() => undefined);
}

async function listen(): Promise<Client> {
  const client = new Client({
    connectionString: env().DATABASE_URL,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  const forget = () => {
    listener = undefined;
  };
  client.on("error", forget);
  client.on("end", forget);
  client.on("notification", () => revocations.emit("revocation"));
  try {
    await client.connect();
    await client.query("LISTEN revocation");
    return client;
  } catch (error) {
    forget();
    throw error;
  }
}
