import { expect, test } from "vitest";
import { answerForm } from "#server/forms.ts";
import { testDatabase } from "../../test/database.ts";
import { freshEmail, get, ORIGIN, PASSWORD, signUp } from "../../test/people.ts";

testDatabase();

const send = (name: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  answerForm(
    new Request(`${ORIGIN}/api/forms/${name}`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(fields),
    }),
    name,
  );

const account = () => ({ name: "Ada", email: freshEmail(), password: PASSWORD });
const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");

test("a sign-up opens a session in HttpOnly cookies, and leads on", async () => {
  const answer = await send("sign-up", account());
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/notes"]);
  for (const cookie of answer.headers.getSetCookie()) expect(cookie).toContain("HttpOnly");
  expect((await get("/account/sessions", { cookie: cookieOf(answer) })).status).toBe(200);
});

test("a sign-in leads to the page that was wanted, on this site alone", async () => {
  const { email } = await signUp();
  const from = (wanted: string) => ({
    referer: `${ORIGIN}/sign-in?${new URLSearchParams({ return_to: wanted })}`,
  });
  const fields = { email, password: PASSWORD };
  expect((await send("sign-in", fields, from("/account"))).headers.get("location")).toBe("/account");
  expect((await send("sign-in", fields, from("//evil.example"))).headers.get("location")).toBe("/notes");
});

test("a refusal leads back with its code, and keeps where the person wanted to go", async () => {
  const { email } = await signUp();
  const referer = `${ORIGIN}/sign-in?return_to=%2Faccount`;
  const answer = await send("sign-in", { email, password: "Wrong-horse-7" }, { referer });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe(
    "/sign-in?form=sign-in&failed=invalid_credentials&return_to=%2Faccount",
  );
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test.each([
  ["name", { name: "Grace" }, "/account?form=name"],
  ["name", { name: " " }, "/account?form=name&failed=validation_failed"],
  [
    "change-password",
    { currentPassword: PASSWORD, newPassword: "Another2horse" },
    "/account?form=change-password",
  ],
  [
    "change-password",
    { currentPassword: "Wrong-horse-7", newPassword: "Another2horse" },
    "/account?form=change-password&failed=INVALID_PASSWORD",
  ],
])("the form %s with %o leads to %s, which says what became of it", async (form, fields, to) => {
  const { cookie } = await signUp();
  expect((await send(form, fields, { cookie })).headers.get("location")).toBe(to);
});

test("signing out ends the session", async () => {
  const { cookie } = await signUp();
  const answer = await send("sign-out", {}, { cookie });
  expect(answer.headers.get("location")).toBe("/sign-in?reason=signed_out");
  expect((await get("/account/sessions", { cookie })).status).toBe(401);
});

test.each<[string, string, Record<string, string>, number]>([
  ["another site's form", "sign-in", { origin: "https://evil.example" }, 403],
  ["another media type", "sign-in", { "content-type": "text/plain" }, 415],
  ["an unknown form", "constructor", {}, 404],
])("%s is refused", async (_, name, headers, status) => {
  const answer = await send(name, account(), headers);
  expect(answer.status).toBe(status);
  expect(answer.headers.getSetCookie()).toEqual([]);
});
