import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { createAuthClient } from "better-auth/client";
import { beforeAll, expect, test } from "vitest";
import { ORIGIN, stockOptions } from "../test/applications.ts";
import { ownDatabase } from "../test/database.ts";
import { Caller, install } from "../test/installed.ts";
import { REVOCATION_ERROR_CODES, revocationClient } from "./client.ts";
import { revocableJwt } from "./index.ts";

const own = ownDatabase();

const application = () =>
  betterAuth({
    ...stockOptions,
    database: own.pool,
    plugins: [...revocableJwt({ audience: "https://api.example.com" })],
  });
let auth: ReturnType<typeof application>;

beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});

const clientOf = ({ cookie }: Caller) =>
  createAuthClient({
    baseURL: ORIGIN,
    plugins: [revocationClient()],
    fetchOptions: {
      headers: { cookie, origin: ORIGIN },
      customFetchImpl: (url, init) => auth.handler(new Request(url, init)),
    },
  });

test("somebody lists their sessions, ends another one, and then all", async () => {
  const [here, there] = [new Caller(auth), new Caller(auth)];
  await here.signUp("ada@example.com");
  await there.signIn("ada@example.com");
  const client = clientOf(here);
  const { data } = await client.revocation.sessions();
  const other = data?.sessions.find(({ current }) => !current);
  expect((await client.revocation.sessions.end({ id: other?.id ?? "" })).data).toEqual({ ended: 1 });
  expect((await there.get("/token")).status).toBe(401);
  expect(await client.revocation.sessions.endOthers()).toEqual({ data: { ended: 0 }, error: null });
  expect((await client.revocation.sessions.endAll()).data).toEqual({ ended: 1 });
  expect((await here.get("/token")).status).toBe(401);
});

test("a client that holds its tokens renews one, lists its sessions, and signs out", async () => {
  const caller = new Caller(auth);
  await caller.signUp("grace@example.com");
  let held = await caller.token();
  const client = createAuthClient({
    baseURL: ORIGIN,
    plugins: [revocationClient()],
    fetchOptions: {
      auth: { type: "Bearer", token: () => held },
      customFetchImpl: (url, init) => auth.handler(new Request(url, init)),
    },
  });
  const { data } = await client.renew();
  expect(data).toMatchObject({ token_type: "Bearer", expires_in: expect.any(Number) });
  expect(data?.access_token).not.toBe(held);
  held = data?.access_token ?? "";
  expect((await client.revocation.sessions()).data?.sessions).toHaveLength(1);
  expect((await client.signOut()).data).toEqual({ success: true });
  expect((await client.renew()).error).toMatchObject({
    status: 401,
    code: REVOCATION_ERROR_CODES.TOKEN_REVOKED.code,
  });
});

test("a refusal has its code", async () => {
  const caller = new Caller(auth);
  const { id } = await caller.signUp("eve@example.com");
  const client = clientOf(caller);
  const { error } = await client.revocation.revokeUser({ userId: id });
  expect(error).toMatchObject({ status: 403, code: REVOCATION_ERROR_CODES.ADMINISTRATOR_REQUIRED.code });
});

/** Every module that one leads to, by its imports that are more than types. */
async function reach(file: string, seen = new Set<string>()): Promise<Set<string>> {
  const text = await readFile(file, "utf8");
  for (const [, name = ""] of text.matchAll(/^(?:import|export) (?!type )[^;]*? from "([^"]+)"/gm)) {
    const found = name.startsWith(".") ? join(file, "..", name) : name;
    if (seen.has(found)) continue;
    seen.add(found);
    if (name.startsWith(".")) await reach(found, seen);
  }
  return seen;
}

test("a browser's bundle gets nothing of the server", async () => {
  const folder = import.meta.dirname;
  expect(await readdir(folder)).toContain("client.ts");
  const packages = [...(await reach(join(folder, "client.ts")))].filter((name) => !name.startsWith("/"));
  expect(packages).toEqual(["@better-auth/core/utils/error-codes"]);
});
