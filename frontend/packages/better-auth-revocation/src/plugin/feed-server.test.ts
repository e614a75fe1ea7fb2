import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { beforeAll, expect, test } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "../database/database.ts";
import { revocableJwt } from "../index.ts";
import { prepareDatabase } from "../testing.ts";
import { FeedServer, type SentPage } from "./feed-server.ts";
import { Store } from "./store.ts";

const VECTORS = join(import.meta.dirname, "../../../../../shared-schema/vectors/feed.json");
const CREDENTIAL = "a credential of a resource server, long";
const SCHEMA = "better_auth_revocation";

type Contract = {
  question: Record<string, string>;
  versions: Record<string, { answer: SentPage }>;
};

const own = ownDatabase();
let contract: Contract;
let server: FeedServer;

beforeAll(async () => {
  contract = JSON.parse(await readFile(VECTORS, "utf8"));
  const plugins = [...revocableJwt({ audience: "https://api.example.com" })];
  await prepareDatabase(betterAuth({ ...stockOptions, database: own.pool, plugins }));
  const database = new Database(own.pool);
  server = new FeedServer(database, new Store(database, SCHEMA));
});

async function ask(query: Record<string, string> = {}): Promise<SentPage> {
  const headers = new Headers({ authorization: `Bearer ${CREDENTIAL}` });
  const answer = await server.answer(query, { headers }, [CREDENTIAL]);
  if (answer.status !== 200) throw new Error(String(answer.status));
  return answer.page;
}

/** Writes what a version's answer names into the table. */
async function revoke(version: string): Promise<SentPage> {
  const agreed = contract.versions[version]?.answer;
  if (!agreed) throw new Error(version);
  await own.pool.query(`TRUNCATE ${SCHEMA}.revocation`);
  await own.pool.query(
    `INSERT INTO ${SCHEMA}.revocation (sid, sub, min_ver, jti, effective_at, client_id, iss, issued_before, expires_at)
     SELECT sid, sub, min_ver, jti, to_timestamp(effective_at), client_id, iss, issued_before, to_timestamp(expires_at)
     FROM json_to_recordset($1) AS _ (sid text, sub text, min_ver bigint, jti text, effective_at bigint, client_id text,
       iss text, issued_before bigint, expires_at bigint)`,
    [JSON.stringify(agreed.revocations)],
  );
  return agreed;
}

test("a client of this version is answered with every kind, as agreed", async () => {
  const agreed = await revoke("5");
  const page = await ask();
  expect(page).toEqual({
    ...agreed,
    cursor: page.cursor,
    expected: page.expected,
    max_token_life: page.max_token_life,
  });
});

test.each(["2", "3"])(
  "a client of version %s is answered in its form while there is nothing that it does not know",
  async (version) => {
    const agreed = await revoke(version);
    const page = await ask();
    expect(Object.keys(page).sort()).toEqual(Object.keys(agreed).sort());
    expect(page.revocations).toEqual(agreed.revocations);
  },
);

test("the question of a client is understood", async () => {
  const { cursor } = await ask();
  const question = { ...contract.question, after: cursor, wait: "0" };
  expect(await ask(question)).toMatchObject({ reset: false, complete: true, revocations: [] });
});
