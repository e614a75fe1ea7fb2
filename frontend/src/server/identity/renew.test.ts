import { decodeJwt } from "jose";
import { describe, expect, test, vi } from "vitest";
import type { AccessTokenClaims } from "#contract/claims.ts";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { TAKE_OVER_RENEWALS_SQL } from "#server/revocation/former-renewals.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import {
  clientRequest,
  freshEmail,
  ORIGIN,
  PASSWORD,
  type Person,
  pageRequest,
  post,
  signUp,
} from "../../../test/people.ts";

const stage = testDatabase();

const renew = (token: string, headers: Record<string, string> = {}) =>
  handleAuthRequest(
    clientRequest("/api/auth/renew", { headers: { authorization: `Bearer ${token}`, ...headers } }),
  );

async function renewed(token: string): Promise<{ token: string; claims: AccessTokenClaims }> {
  const answer = await renew(token);
  expect(answer.status).toBe(200);
  const { access_token } = await answer.json();
  return { token: access_token, claims: decodeJwt<AccessTokenClaims>(access_token) };
}

const outcome = async (answer: Response) => [answer.status, (await answer.json()).code];

const isLive = async (sid: string) =>
  (await database().query("SELECT FROM auth.session WHERE id = $1", [sid])).rowCount === 1;

/** As if the renewals so far had been made a minute ago. */
async function minutePasses(): Promise<void> {
  await database().query(
    "UPDATE auth.revocation_renewal SET renewed_at = renewed_at - interval '61 seconds'",
  );
  await database().query("UPDATE auth.revocation SET effective_at = effective_at - interval '61 seconds'");
}

test("a token gives a new one of the same session, and dies a minute later", async () => {
  const { accessToken, claims } = await signUp();
  const answer = await renew(accessToken);
  expect([answer.status, answer.headers.get("cache-control"), answer.headers.getSetCookie()]).toEqual([
    200,
    "no-store",
    [],
  ]);
  const body = await answer.json();
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: expect.any(Number),
  });
  const next = decodeJwt<AccessTokenClaims>(body.access_token);
  expect(next).toMatchObject({ sub: claims.sub, sid: claims.sid, ver: claims.ver, scope: claims.scope });
  expect(next.jti).not.toBe(claims.jti);
  expect(next.exp - next.iat).toBe(body.expires_in);
  const { life, kept } = await queryRow<{ life: number; kept: boolean }>(
    `SELECT extract(epoch FROM effective_at - created_at)::int AS life, expires_at >= to_timestamp($2) AS kept
     FROM auth.revocation WHERE jti = $1`,
    [claims.jti, claims.exp],
  );
  expect([life, kept]).toEqual([60, true]);
  expect(await isLive(claims.sid)).toBe(true);
});

test("the new token is renewed in its turn", async () => {
  const { accessToken, claims } = await signUp();
  const second = await renewed(accessToken);
  await minutePasses();
  const third = await renewed(second.token);
  expect(new Set([claims.jti, second.claims.jti, third.claims.jti]).size).toBe(3);
  expect(await isLive(claims.sid)).toBe(true);
});

describe("within the minute", () => {
  test("the former token gives the same new one again, so that a lost answer costs nothing", async () => {
    const { accessToken, claims } = await signUp();
    const ids = [];
    for (let time = 0; time < 3; time++) ids.push((await renewed(accessToken)).claims.jti);
    expect(new Set(ids).size).toBe(1);
    expect(await isLive(claims.sid)).toBe(true);
  });

  test("any number of renewals at once give one new token, and end nothing", async () => {
    const { accessToken, claims } = await signUp();
    const all = await Promise.all(Array.from({ length: 8 }, () => renewed(accessToken)));
    expect(new Set(all.map((one) => one.claims.jti)).size).toBe(1);
    expect(await isLive(claims.sid)).toBe(true);
    expect(
      await queryRow("SELECT count(*)::int AS n FROM auth.revocation WHERE jti = $1", [claims.jti]),
    ).toEqual({ n: 1 });
  });
});

describe("after the minute, the former token ends the session", () => {
  const reused = async (use: (token: string) => Promise<Response>) => {
    const person = await signUp();
    const next = await renewed(person.accessToken);
    await minutePasses();
    const answer = await use(person.accessToken);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(await outcome(answer)).toEqual([401, "token_reused"]);
    return { person, next };
  };

  test.each<[string, (token: string) => Promise<Response>]>([
    ["renewed again", renew],
    [
      "used to sign out",
      (token) =>
        handleAuthRequest(
          clientRequest("/api/auth/sign-out", { headers: { authorization: `Bearer ${token}` } }),
        ),
    ],
  ])("%s", async (_, use) => {
    const { person, next } = await reused(use);
    expect(await isLive(person.claims.sid)).toBe(false);
    expect(
      await queryRow("SELECT count(*)::int AS n FROM auth.revocation WHERE sid = $1", [person.claims.sid]),
    ).toEqual({ n: 1 });
    expect(await outcome(await renew(next.token))).toEqual([401, "token_revoked"]);
    expect(await outcome(await renew(person.accessToken))).toEqual([401, "token_revoked"]);
    expect(
      await queryRow(
        `SELECT type, "actorId" FROM auth."auditEvent" WHERE "subjectId" = $1 AND type = 'token_reused'`,
        [person.id],
      ),
    ).toEqual({ type: "token_reused", actorId: null });
  });

  test("and no other session of the user", async () => {
    const email = freshEmail();
    const [first, second] = [await signUp(email), await signInAgain(email)];
    await renewed(first.accessToken);
    await minutePasses();
    await renew(first.accessToken);
    expect([await isLive(first.claims.sid), await isLive(second.sid)]).toEqual([false, true]);
  });
});

async function signInAgain(email: string): Promise<AccessTokenClaims> {
  const answer = await startSession(
    "sign-in",
    clientRequest("/api/auth/sign-in", { body: { email, password: PASSWORD } }),
  );
  return decodeJwt<AccessTokenClaims>((await answer.json()).access_token);
}

describe("is refused", () => {
  test("without a token, and with one that is not ours", async () => {
    expect(await outcome(await handleAuthRequest(clientRequest("/api/auth/renew")))).toEqual([
      401,
      "token_missing",
    ]);
    for (const token of ["x", "a.b.c"])
      expect(await outcome(await renew(token))).toEqual([401, "token_invalid"]);
  });

  test.each<[string, (person: Person) => Promise<unknown>]>([
    ["its session has ended", ({ claims }) => run("DELETE FROM auth.session WHERE id = $1", claims.sid)],
    [
      "its user's role has changed",
      ({ id }) => run(`UPDATE auth."user" SET role = 'admin' WHERE id = $1`, id),
    ],
    ["it was revoked by its jti", ({ claims }) => run("SELECT auth.revoke_token($1)", claims.jti)],
    [
      "its user's tokens of before now were revoked",
      ({ id }) => run("SELECT auth.revoke_issued_before(now(), subject => $1)", id),
    ],
    [
      "the issuer's tokens of before now were revoked",
      () => run("SELECT auth.revoke_issued_before(now(), issuer => $1)", ORIGIN),
    ],
  ])("when %s", async (_, revoke) => {
    const person = await signUp();
    await revoke(person);
    expect(await outcome(await renew(person.accessToken))).toEqual([401, "token_revoked"]);
    await run("DELETE FROM auth.revocation WHERE iss = $1", ORIGIN);
  });

  test("not when somebody else's were", async () => {
    const [person, other] = [await signUp(), await signUp()];
    await run("SELECT auth.revoke_issued_before(now(), subject => $1)", other.id);
    await run("SELECT auth.revoke_token($1)", other.claims.jti);
    await run("SELECT auth.revoke_issued_before(now() - interval '1 hour', subject => $1)", person.id);
    expect((await renew(person.accessToken)).status).toBe(200);
  });

  test("to a browser, however it asks", async () => {
    const { accessToken, cookie } = await signUp();
    for (const headers of [{ origin: ORIGIN }, { cookie }, { "sec-fetch-site": "same-origin" }] as Record<
      string,
      string
    >[]) {
      expect(await outcome(await renew(accessToken, headers))).toEqual([403, "token_not_for_browsers"]);
    }
  });

  test("with the token of a browser's session", async () => {
    const body = { name: "Ada", email: freshEmail(), password: PASSWORD };
    const request = pageRequest("/api/session/sign-up", { method: "POST", body });
    const token = /(eyJ[\w-]+\.[\w-]+\.[\w-]+)/.exec(
      (await startSession("sign-up", request, "browser")).headers.getSetCookie().join(),
    )?.[1];
    const refused = await renew(token ?? "");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await outcome(refused)).toEqual([403, "token_not_for_browsers"]);
  });

  test("after ten at once, for a minute", async () => {
    let { accessToken } = await signUp();
    for (let time = 0; time < 10; time++) accessToken = (await renewed(accessToken)).token;
    const answer = await renew(accessToken);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(30);
    expect(await outcome(answer)).toEqual([429, "rate_limited"]);
  });
});

test("an outage costs neither the token nor the session", async () => {
  const person = await signUp();
  const answer = await stage.unreachableWhile(() => renew(person.accessToken));
  expect(await outcome(answer)).toEqual([503, "identity_provider_unavailable"]);
  await vi.waitFor(async () => expect((await renew(person.accessToken)).status).toBe(200), {
    timeout: 15_000,
  });
});

test("a banned user gets none", async () => {
  const [person, admin] = [await signUp(), await signUp()];
  await run(`UPDATE auth."user" SET role = 'admin' WHERE id = $1`, admin.id);
  expect((await post("/admin/ban-user", admin, { userId: person.id })).status).toBe(200);
  expect(await outcome(await renew(person.accessToken))).toEqual([401, "token_revoked"]);
});

test("renewals whose tokens have expired are forgotten", async () => {
  const person = await signUp();
  await renewed(person.accessToken);
  await run(
    "UPDATE auth.revocation_renewal SET expires_at = now() - interval '1 second' WHERE jti = $1",
    person.claims.jti,
  );
  await renewed((await signUp()).accessToken);
  expect(
    await queryRow("SELECT count(*)::int AS n FROM auth.revocation_renewal WHERE jti = $1", [
      person.claims.jti,
    ]),
  ).toEqual({ n: 0 });
});

const run = (statement: string, value: string) => database().query(statement, [value]);

test("renewals that the application kept itself are taken over, and left to instances of the former release", async () => {
  const [renewedThen, never] = [await signUp(), await signUp()];
  await database().query(
    `CREATE TABLE auth."tokenRenewal" (id text PRIMARY KEY, jti text NOT NULL UNIQUE, successor text NOT NULL,
       "issuedAt" timestamptz NOT NULL, "expiresAt" timestamptz NOT NULL)`,
  );
  await run(
    `INSERT INTO auth."tokenRenewal" VALUES ('1', $1, 'another', now() - interval '2 minutes', now() + interval '1 day')`,
    renewedThen.claims.jti,
  );
  for (let times = 0; times < 2; times++) await database().query(TAKE_OVER_RENEWALS_SQL);
  expect(await outcome(await renew(renewedThen.accessToken))).toEqual([401, "token_reused"]);
  expect(await isLive(renewedThen.claims.sid)).toBe(false);
  expect((await renew(never.accessToken)).status).toBe(200);
  expect(await queryRow('SELECT count(*)::int AS n FROM auth."tokenRenewal"')).toEqual({ n: 1 });
});
