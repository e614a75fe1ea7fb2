import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findRoute } from "#routes.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { offeredEndpoints } from "#server/identity/offered.ts";
import { testDatabase } from "../../../test/database.ts";
import { fakeApi } from "../../../test/fake-api.ts";
import { startMailServer } from "../../../test/mail-server.ts";
import { get, makeAdmin, ORIGIN, PASSWORD, pageRequest, signUp } from "../../../test/people.ts";

testDatabase();
// What the API holds of somebody goes with their account.
fakeApi();

let closeMail = async () => {};
beforeAll(async () => {
  const mail = await startMailServer();
  closeMail = mail.close;
  Object.assign(process.env, { SMTP_URL: mail.url, MAIL_FROM: "recall@example.com" });
});
afterAll(() => closeMail());

/** What each field of any endpoint would like to have. */
const GOOD = {
  name: "Ada",
  email: "ada@example.com",
  password: PASSWORD,
  image: "https://example.com/ada.png",
  rememberMe: true,
  callbackURL: "/",
  newPassword: PASSWORD,
  currentPassword: PASSWORD,
  token: "token",
  redirectTo: "/",
  id: "id",
  userId: "id",
  role: "user",
  data: { name: "Ada" },
  banReason: "none",
  banExpiresIn: 60,
  sessionToken: "token",
  newEmail: "new@example.com",
  provider: "google",
  providerId: "credential",
  accountId: "id",
  permissions: { user: ["list"] },
  limit: 10,
  offset: 0,
  sortBy: "name",
  sortDirection: "asc",
  searchValue: "a",
  searchField: "email",
  searchOperator: "contains",
  filterField: "name",
  filterValue: "a",
  filterOperator: "eq",
  after: "2026-01-01T00:00:00Z",
};

const FIELDS = [
  ...Object.keys(GOOD),
  "banExpires",
  "createdAt",
  "emailVerified",
  "banned",
  "__proto__",
  "constructor",
];

/** Values that a field does not expect, and some that it does. */
const value = fc.oneof(
  fc.constantFrom(
    null,
    "",
    " ",
    "NaN",
    "null",
    "0",
    "-1",
    "1e999",
    "\u{d800}",
    "x".repeat(3000),
    "9".repeat(40),
    "ada@example.com",
    PASSWORD,
    "https://example.com",
    "javascript:alert(1)",
    "//evil.example",
    "true",
    "id",
    "eq",
    "asc",
    "2026-02-30T99:00:00Z",
    "' OR 1=1 --",
    "%",
    "user",
    "admin",
    "credential",
    "google",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.double(),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(Number),
  fc.boolean(),
  fc.jsonValue({ maxDepth: 4 }),
);

/** A request as it should be, but for a few fields, or without them. */
const fields = fc
  .record({
    changed: fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 }),
    left: fc.subarray(Object.keys(GOOD), { maxLength: 4 }),
  })
  .map(({ changed, left }) => ({
    ...Object.fromEntries(Object.entries(GOOD).filter(([name]) => !left.includes(name))),
    ...changed,
  }));

const call = fc.record({ endpoint: fc.nat(), body: fields, query: fields });

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

const endpoints = () =>
  [...offeredEndpoints()].flatMap(([path, methods]) => [...methods].map((method) => ({ path, method })));

async function answerTo({ endpoint, body, query }: Call, cookie: string | undefined) {
  const all = endpoints();
  const { path, method } = all[endpoint % all.length] ?? { path: "/ok", method: "GET" };
  const search = new URLSearchParams(
    Object.entries(query).map(([name, one]) => [
      name,
      typeof one === "string" ? one : String(JSON.stringify(one)),
    ]),
  );
  const answer = await handleAuthRequest(
    pageRequest(`/api/auth${path}?${method === "GET" ? search : ""}`, {
      method,
      ...(cookie && { cookie }),
      ...(method !== "GET" && { body }),
    }),
  );
  return { path, method, status: answer.status, text: answer.status >= 500 ? await answer.text() : "" };
}

/** Addresses of this application's own, which stand in front of Better Auth's. */
const OWN = ["sign-up", "sign-in", "sign-out", "renew"]
  .map((form) => `/api/auth/${form}`)
  .concat(["sign-up", "sign-in", "sign-out"].map((form) => `/api/session/${form}`));

const header = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "x",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer a.b.c",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "x".repeat(300),
  ),
  fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
);

/** A call of one of them: fields that are nearly right, any JSON, or no JSON at all. */
const ownCall = fc.record({
  path: fc.constantFrom(...OWN),
  body: fc.oneof(
    fields.map((body) => JSON.stringify(body)),
    fc.jsonValue({ maxDepth: 4 }).map((body) => JSON.stringify(body)),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("", "{", "[]", "null", "[".repeat(5000), '{"a":'.repeat(5000), '{"email":"\\u0000"}'),
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      "authorization",
      "idempotency-key",
      "x-request-id",
      "origin",
      "cookie",
      "content-type",
      "referer",
    ),
    header,
    { maxKeys: 3 },
  ),
});

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 500);

const holds = (cookieOf: () => Promise<string | undefined>) =>
  fc.assert(
    fc.asyncProperty(call, async (one) => {
      const { status, ...told } = await answerTo(one, await cookieOf());
      expect(status, JSON.stringify(told)).toBeLessThan(500);
    }),
    { numRuns: RUNS },
  );

describe("no input is answered with 5xx, at any endpoint", () => {
  beforeAll(() => {
    for (const method of ["error", "warn"] as const)
      vi.spyOn(console, method).mockImplementation(() => undefined);
  });

  test.each([undefined, "better-auth.session_token=a.b", "=;;=%ff"])(
    "from a stranger whose cookie is %o",
    (cookie) => holds(async () => cookie),
    120_000,
  );

  test(
    "at the addresses of this application's own",
    () =>
      fc.assert(
        fc.asyncProperty(ownCall, async ({ path, body, headers }) => {
          const request = new Request(new URL(path, ORIGIN), {
            method: "POST",
            headers: { "content-type": "application/json", ...headers },
            body,
          });
          const answer = await findRoute("POST", path)?.answer(request);
          expect(answer?.status, JSON.stringify({ path, body, headers })).toBeLessThan(500);
        }),
        { numRuns: RUNS },
      ),
    120_000,
  );

  test("from an administrator", async () => {
    let admin = await signUp();
    await makeAdmin(admin);
    await holds(async () => {
      // Some calls end the session, as they should.
      if ((await get("/token", admin)).status !== 200) {
        admin = await signUp();
        await makeAdmin(admin);
      }
      return admin.cookie;
    });
  }, 120_000);
});
