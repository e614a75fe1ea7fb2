import { betterAuth } from "better-auth";
import { admin, openAPI } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { isRevoked } from "../testing.ts";
import type { AccessTokenClaims } from "./access-token.ts";
import type { RevocableJwtOptions } from "./options.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const SCHEMA = "better_auth_revocation";
const reused: string[] = [];

const application = (options: Partial<RevocableJwtOptions> = {}) =>
  betterAuth({
    ...stockOptions,
    // Better Auth drops both checks wherever NODE_ENV is `test`.
    advanced: { disableCSRFCheck: false, disableOriginCheck: false },
    logger: { disabled: true },
    database: own.pool,
    plugins: [
      admin(),
      openAPI(),
      ...revocableJwt({
        audience: "https://api.example.com",
        onTokenReused: ({ user }) => {
          reused.push(user.id);
        },
        ...options,
      }),
    ],
  });

let auth: ReturnType<typeof application>;

beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});
beforeEach(() => {
  reused.length = 0;
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const claimsOf = (token: string) => decodeJwt<AccessTokenClaims>(token);
const outcome = async (answer: Response) => [answer.status, (await answer.json().catch(() => ({}))).code];
const renew = (token: string, headers: Record<string, string> = {}) =>
  new Caller(auth).call("POST", "/renew", undefined, { ...bearer(token), ...headers });

async function newcomer() {
  const caller = new Caller(auth);
  const { id } = await caller.signUp(`${Math.random()}@example.com`);
  const token = await caller.token();
  return { caller, id, token, claims: claimsOf(token) };
}

async function renewed(token: string): Promise<string> {
  const answer = await renew(token);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).access_token;
}

/** As if the renewals so far had been made a minute ago. */
async function minutePasses(): Promise<void> {
  await own.pool.query(
    `UPDATE ${SCHEMA}.revocation_renewal SET renewed_at = renewed_at - interval '61 seconds';
     UPDATE ${SCHEMA}.revocation SET effective_at = effective_at - interval '61 seconds'`,
  );
}

const isLive = async (sid: string) =>
  (await own.pool.query("SELECT FROM session WHERE id = $1", [sid])).rowCount === 1;

test("a token gives a new one of the same session, in the form of RFC 6749, and no cookie", async () => {
  const { token, claims } = await newcomer();
  const answer = await renew(token);
  expect([answer.status, answer.headers.get("cache-control"), answer.headers.getSetCookie()]).toEqual([
    200,
    "no-store",
    [],
  ]);
  const { access_token, ...rest } = await answer.json();
  const next = claimsOf(access_token);
  expect(rest).toEqual({ token_type: "Bearer", expires_in: next.exp - next.iat });
  expect(next).toMatchObject({ sub: claims.sub, sid: claims.sid, ver: claims.ver });
  expect(next.jti).not.toBe(claims.jti);
});

test("no body is needed, and an empty one does no harm: some servers pass one", async () => {
  const { token } = await newcomer();
  const headers = { ...bearer(token), "content-type": "text/plain" };
  expect((await new Caller(auth).call("POST", "/renew", "", headers)).status).toBe(200);
});

test("the former token is accepted for another minute, and refused after it, while the new one is good", async () => {
  const { token, claims } = await newcomer();
  const next = await renewed(token);
  expect([await isRevoked(auth, token), await isRevoked(auth, next)]).toEqual([false, false]);
  await minutePasses();
  expect([await isRevoked(auth, token), await isRevoked(auth, next)]).toEqual([true, false]);
  expect(claimsOf(await renewed(next)).sid).toBe(claims.sid);
});

test("within the minute the former token gives the same new one, however many ask at once", async () => {
  const { token, claims } = await newcomer();
  const all = await Promise.all(Array.from({ length: 8 }, () => renewed(token)));
  all.push(await renewed(token));
  expect(new Set(all.map((one) => claimsOf(one).jti)).size).toBe(1);
  expect(await isLive(claims.sid)).toBe(true);
});

describe("after the minute, the former token ends its session", () => {
  test.each<[string, (token: string) => Promise<Response>]>([
    ["renewed again", (token) => renew(token)],
    ["used to sign out", (token) => new Caller(auth).post("/sign-out", {}, bearer(token))],
    ["used to list sessions", (token) => new Caller(auth).get("/revocation/sessions", bearer(token))],
  ])("%s, and the application is told once", async (_, use) => {
    const { id, token, claims } = await newcomer();
    const next = await renewed(token);
    await minutePasses();
    const answer = await use(token);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(await outcome(answer)).toEqual([401, "TOKEN_REUSED"]);
    expect([await isLive(claims.sid), await isRevoked(auth, next)]).toEqual([false, true]);
    expect(await outcome(await use(token))).toEqual([401, "TOKEN_REVOKED"]);
    expect(reused).toEqual([id]);
  });

  test("and no other session of the user", async () => {
    const { caller, id, token, claims } = await newcomer();
    const { rows } = await own.pool.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [id]);
    const elsewhere = new Caller(auth);
    await elsewhere.signIn(rows[0]?.email ?? "");
    await renewed(token);
    await minutePasses();
    await renew(token);
    expect([await isLive(claims.sid), (await caller.get("/token")).status]).toEqual([false, 401]);
    expect((await elsewhere.get("/token")).status).toBe(200);
  });

  test("while one that was never renewed goes on", async () => {
    const { token, claims } = await newcomer();
    await minutePasses();
    expect((await renew(token)).status).toBe(200);
    expect([await isLive(claims.sid), reused]).toEqual([true, []]);
  });
});

describe("is refused", () => {
  test("without a token, and with one that is not ours", async () => {
    const answer = await new Caller(auth).call("POST", "/renew");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await outcome(answer)).toEqual([401, "TOKEN_MISSING"]);
    for (const token of ["", "x", "a.b.c"]) {
      expect(await outcome(await renew(token))).toEqual([401, "TOKEN_INVALID"]);
    }
  });

  test.each<[string, string, (one: AccessTokenClaims) => unknown[]]>([
    ["its session has ended", "DELETE FROM session WHERE id = $1", ({ sid }) => [sid]],
    ["its user's role has changed", `UPDATE "user" SET role = 'admin' WHERE id = $1`, ({ sub }) => [sub]],
    ["its user is banned", 'UPDATE "user" SET banned = true WHERE id = $1', ({ sub }) => [sub]],
    ["it was revoked by its jti", `SELECT ${SCHEMA}.revoke_token($1)`, ({ jti }) => [jti]],
    [
      "tokens of before now were revoked",
      `SELECT ${SCHEMA}.revoke_issued_before(now(), subject => $1)`,
      ({ sub }) => [sub],
    ],
  ])("when %s, for sign-out too, and a neighbour's is not", async (_, statement, values) => {
    const [person, other] = [await newcomer(), await newcomer()];
    await own.pool.query(statement, values(person.claims));
    expect(await outcome(await renew(person.token))).toEqual([401, "TOKEN_REVOKED"]);
    const signOut = await new Caller(auth).post("/sign-out", {}, bearer(person.token));
    expect(await outcome(signOut)).toEqual([401, "TOKEN_REVOKED"]);
    expect((await renew(other.token)).status).toBe(200);
  });

  test("to a browser, however it asks, and with the token of a browser's session", async () => {
    const { caller, token, claims } = await newcomer();
    const asked: Record<string, string>[] = [
      { origin: ORIGIN },
      { origin: "https://evil.example" },
      { cookie: caller.cookie },
      { "sec-fetch-site": "same-origin" },
    ];
    for (const headers of asked) {
      expect(await outcome(await renew(token, headers))).toEqual([403, "TOKEN_NOT_FOR_BROWSERS"]);
    }
    await own.pool.query(`UPDATE session SET "clientKind" = 'browser' WHERE id = $1`, [claims.sid]);
    expect(await outcome(await renew(token))).toEqual([403, "TOKEN_NOT_FOR_BROWSERS"]);
    expect(await isRevoked(auth, token)).toBe(false);
  });

  test("after ten at once, for a minute; another session's is not", async () => {
    let { token } = await newcomer();
    for (let time = 0; time < 10; time++) token = await renewed(token);
    const answer = await renew(token);
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds > 50 && seconds <= 60).toBe(true);
    expect(await outcome(answer)).toEqual([429, "TOO_MANY_RENEWALS"]);
    expect(await isRevoked(auth, token)).toBe(false);
    expect((await renew((await newcomer()).token)).status).toBe(200);
    await minutePasses();
    const eleventh = await renewed(token);
    const twelfth = Number((await renew(eleventh)).headers.get("retry-after"));
    expect(twelfth > 110 && twelfth <= 120).toBe(true);
  });

  test("within an hour of the last one while many renewed tokens have not expired, however old they are", async () => {
    const { token, claims } = await newcomer();
    const next = await renewed(token);
    await own.pool.query(
      `INSERT INTO ${SCHEMA}.revocation_renewal (jti, sid, successor, issued_at, expires_at, renewed_at)
       SELECT gen_random_uuid(), $1, 'another', now(), now() + interval '29 days', now() - interval '2 hours' FROM generate_series(1, 20)`,
      [claims.sid],
    );
    const answer = await renew(next);
    const seconds = Number(answer.headers.get("retry-after"));
    expect([answer.status, seconds > 3_590 && seconds <= 3_600]).toEqual([429, true]);
  });

  test("not for tokens that have expired since: however short a token lives, it can be renewed", async () => {
    const { token, claims } = await newcomer();
    await own.pool.query(
      `INSERT INTO ${SCHEMA}.revocation_renewal (jti, sid, successor, issued_at, expires_at)
       SELECT gen_random_uuid(), $1, 'another', now(), now() - interval '1 second' FROM generate_series(1, 20)`,
      [claims.sid],
    );
    expect((await renew(token)).status).toBe(200);
  });

  test("when its key has left the key set, for sign-out too", async () => {
    const [former, present] = [await newcomer(), await newcomer()];
    await own.pool.query(`UPDATE jwks SET "expiresAt" = now() - interval '33 days'`);
    expect((await auth.api.getJwks()).keys).toEqual([]);
    expect(await outcome(await renew(former.token))).toEqual([401, "TOKEN_INVALID"]);
    const signOut = await new Caller(auth).post("/sign-out", {}, bearer(former.token));
    expect(await outcome(signOut)).toEqual([401, "TOKEN_INVALID"]);
    await own.pool.query('UPDATE jwks SET "expiresAt" = NULL');
    expect((await renew(present.token)).status).toBe(200);
  });
});

test("where pages may have tokens, they renew them", async () => {
  const { token, caller } = await newcomer();
  const open = application({ tokensInBrowsers: true });
  const headers = { ...bearer(token), cookie: caller.cookie, origin: ORIGIN };
  const answer = await new Caller(open).call("POST", "/renew", undefined, headers);
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
});

/** Somebody whose session is so old that any use of it moves its end, with a token that was minted since. */
async function newcomerOfFormerDays(actor: string | null = null) {
  const { caller, claims } = await newcomer();
  await own.pool.query(
    `UPDATE session SET "expiresAt" = now() + interval '2 days', "impersonatedBy" = $2 WHERE id = $1`,
    [claims.sid, actor],
  );
  const { token } = await (await caller.get("/token?disableRefresh=true")).json();
  const daysLeft = async () => {
    const days = `SELECT extract(epoch FROM "expiresAt" - now())::float8 / 86400 AS days FROM session WHERE id = $1`;
    return (await own.pool.query<{ days: number }>(days, [claims.sid])).rows[0]?.days ?? 0;
  };
  return { caller, token, claims, daysLeft };
}

test("a renewal moves the session's end, but not that of an administrator who acts as somebody", async () => {
  const person = await newcomerOfFormerDays();
  const actor = await newcomerOfFormerDays((await newcomer()).id);
  for (const { token } of [person, actor]) expect((await renew(token)).status).toBe(200);
  expect(await person.daysLeft()).toBeGreaterThan(6);
  expect(await actor.daysLeft()).toBeLessThan(2);
});

test("a refused renewal does not move the end of a browser's session", async () => {
  const { token, daysLeft, claims } = await newcomerOfFormerDays();
  await own.pool.query(`UPDATE session SET "clientKind" = 'browser' WHERE id = $1`, [claims.sid]);
  expect(await outcome(await renew(token))).toEqual([403, "TOKEN_NOT_FOR_BROWSERS"]);
  expect(await daysLeft()).toBeLessThan(2);
});

test("a renewal does not move the end of a session that was opened without `rememberMe`", async () => {
  const { id } = await newcomer();
  const { rows } = await own.pool.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [id]);
  const caller = new Caller(auth);
  const credentials = { email: rows[0]?.email, password: "Correct-horse-7", rememberMe: false };
  await caller.post("/sign-in/email", credentials);
  const token = await caller.token();
  const { exp, iat } = claimsOf(token);
  expect(exp - iat).toBeLessThanOrEqual(86_400);
  expect(claimsOf(await renewed(token)).exp).toBe(exp);
});

test("a renewed token is revoked for as long as any copy of it lives, though its session's end has moved", async () => {
  const { token, claims } = await newcomer();
  const next = await renewed(token);
  await own.pool.query(`UPDATE session SET "expiresAt" = now() + interval '20 days' WHERE id = $1`, [
    claims.sid,
  ]);
  const copy = claimsOf(await renewed(token));
  expect([copy.jti, copy.exp > claimsOf(next).exp]).toEqual([claimsOf(next).jti, true]);
  await renewed(next);
  const { rows } = await own.pool.query<{ until: number }>(
    `SELECT extract(epoch FROM least(v.expires_at, r.expires_at))::float8 AS until
     FROM ${SCHEMA}.revocation v JOIN ${SCHEMA}.revocation_renewal r USING (jti) WHERE jti = $1`,
    [copy.jti],
  );
  expect(rows[0]?.until).toBeGreaterThanOrEqual(copy.exp);
});

test("a request with an access token alone gets no cookie of its session", async () => {
  const { caller, token, daysLeft } = await newcomerOfFormerDays();
  const byToken = await new Caller(auth).get("/revocation/sessions", bearer(token));
  expect([byToken.status, byToken.headers.getSetCookie()]).toEqual([200, []]);
  expect(await daysLeft()).toBeLessThan(2);
  const byCookie = await caller.get("/revocation/sessions");
  expect(byCookie.headers.getSetCookie().join()).toContain("session_token=");
  const ended = await new Caller(auth).post("/sign-out", {}, bearer(token));
  expect([ended.status, ended.headers.getSetCookie()]).toEqual([200, []]);
});

test.each([
  ["behind", -300_000],
  ["ahead of", 300_000],
])(
  "a renewed token has its minute, no more, though our clock is %s the database's",
  async (_, difference) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + difference });
    try {
      const { token } = await newcomer();
      const next = claimsOf(await renewed(token));
      expect(claimsOf(await renewed(token)).jti).toBe(next.jti);
      await minutePasses();
      expect(await outcome(await renew(token))).toEqual([401, "TOKEN_REUSED"]);
    } finally {
      vi.useRealTimers();
    }
  },
);

test("renewals whose tokens have expired are forgotten", async () => {
  const { token, claims } = await newcomer();
  await renewed(token);
  const expire = `UPDATE ${SCHEMA}.revocation_renewal SET expires_at = now() - interval '1 second' WHERE jti = $1`;
  await own.pool.query(expire, [claims.jti]);
  await renewed((await newcomer()).token);
  const kept = await own.pool.query(`SELECT FROM ${SCHEMA}.revocation_renewal WHERE jti = $1`, [claims.jti]);
  expect(kept.rowCount).toBe(0);
});

test("every endpoint is described in Better Auth's OpenAPI document", async () => {
  const { paths } = await auth.api.generateOpenAPISchema();
  const own = Object.entries(paths).filter(([path]) => /^\/(renew|revocation)/.test(path));
  expect(own.map(([path]) => path).sort()).toEqual([
    "/renew",
    "/revocation/revoke",
    "/revocation/revoke-user",
    "/revocation/sessions",
    "/revocation/sessions/end",
    "/revocation/sessions/end-all",
    "/revocation/sessions/end-others",
    "/revocations",
  ]);
  for (const [, { get, post }] of own) {
    expect((get ?? post)?.description).toEqual(expect.any(String));
    expect((get ?? post)?.tags).toEqual(["Revocation"]);
  }
});

test("a sign-out is answered even if the application's metrics fail", async () => {
  const { token, claims } = await newcomer();
  const failing = application({
    onAwaited: () => {
      throw new Error("no metrics");
    },
  });
  expect((await new Caller(failing).post("/sign-out", {}, bearer(token))).status).toBe(200);
  expect(await isLive(claims.sid)).toBe(false);
});

test("it is an ordinary method of auth.api", async () => {
  const { token, claims } = await newcomer();
  const answer = await auth.api.renewToken({ headers: new Headers(bearer(token)) });
  expect(claimsOf(answer.access_token).sid).toBe(claims.sid);
});
