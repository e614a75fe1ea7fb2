import { EventEmitter, once } from "node:events";
import { Client, escapeIdentifier } from "pg";
import { env } from "#server/env.ts";
import { NAMES } from "#server/revocation/install.ts";

/** Milliseconds after which to look anyway: behind a transaction pooler no notification arrives. */
const POLL_INTERVAL = 1_000;

const revocations = new EventEmitter().setMaxListeners(0);
revocations.on("revocation", () => {
  heard += 1;
});

let heard = 0;
let listener: Promise<Client> | undefined;
const listenedTo = new Set<string>();

/** How many notifications have come so far. To be asked before reading, so that none between is missed.
 * @param channels as they were at the last reading: they are renewed */
export async function heardRevocations(channels: string[]): Promise<number> {
  listener ??= listen();
  const client = await listener.catch(() => undefined);
  if (client) await follow(client, channels).catch(() => undefined);
  return heard;
}

/** Resolves once more than `known` notifications have come, after the poll interval, or after `timeout` milliseconds. */
export async function nextRevocation(known: number, timeout: number, signal: AbortSignal): Promise<void> {
  if (heard !== known) return;
  const deadline = AbortSignal.any([AbortSignal.timeout(Math.min(timeout, POLL_INTERVAL)), signal]);
  await once(revocations, "revocation", { signal: deadline }).catch(() => undefined);
}

/** Listens to `channels` and to no others any more; without any, goes on as before. */
async function follow(client: Client, channels: string[]): Promise<void> {
  if (!channels.length) return;
  const former = [...listenedTo].filter((channel) => !channels.includes(channel));
  for (const channel of channels) {
    if (listenedTo.has(channel)) continue;
    listenedTo.add(channel);
    await client.query(`LISTEN ${escapeIdentifier(channel)}`);
  }
  for (const channel of former) {
    listenedTo.delete(channel);
    await client.query(`UNLISTEN ${escapeIdentifier(channel)}`);
  }
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
  const listening = connect(client);
  listening.catch(forget);
  return listening;
}

async function connect(client: Client): Promise<Client> {
  await client.connect();
  listenedTo.clear();
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM ${NAMES.schema}.revocation_channel ORDER BY id`,
  );
  await follow(
    client,
    rows.map(({ name }) => name),
  );
  return client;
}
