import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { testDatabase } from "../../../test/database.ts";
import { fakeApi } from "../../../test/fake-api.ts";
import {
  clientRequest,
  freshEmail,
  ORIGIN,
  PASSWORD,
  pageRequest,
  signIn,
  signUp,
} from "../../../test/people.ts";

testDatabase();
const api = fakeApi();

async function isRevoked(token: string): Promise<boolean> {
  const { jti, sub, iss, iat } = decodeJwt(token);
  const { rows } = await database().query<{ revoked: boolean }>(
    "SELECT auth.revocation_names($1, NULL, $2, $3, $4) AS revoked",
    [jti, sub, iss, iat],
  );
  return rows[0]?.revoked ?? false;
}

const throughThePage = async (cookie: string) => {
  await proxyToApi(pageRequest("/api/backend/me", { cookie }), ["me"]);
  return String(api.received[0]?.headers.authorization).replace("Bearer ", "");
};

const idempotentSignUp = async () => {
  const body = { name: "Ada", email: freshEmail(), password: PASSWORD };
  const headers = { "idempotency-key": freshEmail() };
  const answer = await startSession("sign-up", clientRequest("/api/auth/sign-up", { body, headers }));
  return (await answer.json()).access_token as string;
};

test("whatever mints a token right after everybody's were revoked by their time of issue, it is not revoked too", async () => {
  const [former, back, page] = [await signUp(), await signUp(), await signUp()];
  // A little ahead, so that its second is not over before the tokens are minted.
  await database().query(
    "SELECT auth.revoke_issued_before(clock_timestamp() + interval '0.3 seconds', issuer => $1)",
    [ORIGIN],
  );
  expect(await isRevoked(former.accessToken)).toBe(true);
  const mints = {
    "a sign-up": signUp().then(({ accessToken }) => accessToken),
    "a sign-up that may be repeated": idempotentSignUp(),
    "a sign-in": signIn(back.email).then(({ accessToken }) => accessToken),
    "the backend-for-frontend": throughThePage(page.cookie),
  };
  const revoked = await Promise.all(Object.values(mints).map(async (token) => isRevoked(await token)));
  expect(Object.keys(mints).filter((_, i) => revoked[i])).toEqual([]);
});
