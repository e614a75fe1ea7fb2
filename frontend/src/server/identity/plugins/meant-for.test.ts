import { expect, test } from "vitest";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { testDatabase } from "../../../../test/database.ts";
import { get, type Person, pageRequest, signUp } from "../../../../test/people.ts";

testDatabase();

const call = (person: Person, subject: string, path: string) =>
  handleAuthRequest(
    pageRequest(`/api/auth${path}`, {
      method: "POST",
      body: {},
      cookie: person.cookie,
      headers: { "x-expected-subject": subject },
    }),
  );

test.each(["/account/sessions/end-all", "/sign-out"])(
  "%s from a page that shows another user is refused, and nothing is done",
  async (path) => {
    const [shown, signedIn] = [await signUp(), await signUp()];
    const answer = await call(signedIn, shown.id, path);
    expect([answer.status, (await answer.json()).code]).toEqual([409, "wrong_subject"]);
    expect((await get("/token", signedIn)).status).toBe(200);
    expect((await call(signedIn, signedIn.id, path)).status).toBe(200);
    expect((await get("/token", signedIn)).status).toBe(401);
  },
);
