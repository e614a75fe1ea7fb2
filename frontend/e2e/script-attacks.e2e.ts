import { type APIRequestContext, request } from "@playwright/test";
import { expect, fillSignIn, fillSignUp, type Person, somebody, test, writeNote } from "./fixtures.ts";

const JWT = "eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+";

test("a script in a page of ours gets no token from any address, even with the password", async ({
  page,
  person,
}) => {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  const { email, password } = person;
  const seen = await page.evaluate(
    async ({ email, password, newcomer }) => {
      const headers = { "content-type": "application/json" };
      const send = (body: object, more: RequestInit = {}) => ({
        method: "POST",
        headers,
        body: JSON.stringify(body),
        ...more,
      });
      const calls: [string, RequestInit?][] = [
        ["/api/auth/token"],
        ["/api/auth/token", { referrerPolicy: "no-referrer", cache: "no-store" }],
        ["/api/auth/get-session"],
        ["/api/auth/list-sessions"],
        ["/api/auth/account/sessions"],
        ["/api/backend/me"],
        ["/api/auth/sign-up", send(newcomer)],
        ["/api/auth/sign-in", send({ email, password })],
        ["/api/auth/sign-in", send({ email, password }, { credentials: "omit" })],
        ["/api/auth/sign-in", send({ email, password }, { referrerPolicy: "no-referrer" })],
        ["/api/auth/sign-in/email", send({ email, password })],
        ["/api/session/sign-in", send({ email, password })],
        ["/api/auth/token"],
      ];
      const answers: { status: number; text: string }[] = [];
      for (const [path, init] of calls) {
        const answer = await fetch(path, init);
        answers.push({
          status: answer.status,
          text: `${JSON.stringify([...answer.headers])}${await answer.text()}`,
        });
      }
      return answers;
    },
    { email, password, newcomer: somebody() },
  );
  for (const { text } of seen) expect(text).not.toMatch(new RegExp(JWT));
  expect(seen.map(({ status }) => status)).toEqual([
    403, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 403,
  ]);
});

async function signInElsewhereInBrowser(context: APIRequestContext, data: Person, origin: string) {
  const answer = await context.post("/api/session/sign-in", { data, headers: { origin } });
  expect(answer.ok()).toBe(true);
}

test("a tab that shows one user does not save as another who has signed in since", async ({
  page,
  person,
  baseURL,
}) => {
  const origin = String(baseURL);
  const other = somebody();
  const device = await request.newContext({ baseURL: origin });
  await device.post("/api/session/sign-up", { data: other, headers: { origin } });
  // Without the connection that would have told it.
  await page.route("**/api/session/events", (route) => route.abort());
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  // Another tab of the same browser.
  await signInElsewhereInBrowser(page.request, other, origin);

  await writeNote(page, "Meant for one alone");
  await expect(page.getByText("Somebody else has signed in in this browser")).toBeVisible();
  await expect(page.getByRole("region", { name: "New note" }).getByLabel("Title")).toHaveValue(
    "Meant for one alone",
  );
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are still signed in. Somebody else has signed in")).toBeVisible();

  const notes = async () => (await (await page.request.get("/api/backend/notes")).json()).items;
  expect(await notes()).toEqual([]);
  expect((await (await page.request.get("/api/backend/me")).json()).email).toBe(other.email);
  await page.reload();
  await expect(page.getByRole("complementary", { name: "Who am I" })).toContainText(other.email);
  await writeNote(page, "As the other");
  await expect(page.getByRole("heading", { name: "As the other" })).toBeVisible();
  void person;
});

test("two tabs of one browser are signed out together", async ({ page, person, context }) => {
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto("/notes");
    await expect(tab.getByText("Nothing here yet")).toBeVisible();
  }
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(other).toHaveURL(/\/sign-in\?/);

  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in again" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/notes/);
});

test("two tabs, two users: the one that is behind learns of it before anything is done", async ({
  page,
  person,
  context,
}) => {
  const newcomer = somebody();
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto("/notes");
    await expect(tab.getByText("Nothing here yet")).toBeVisible();
  }
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(other).toHaveURL(/\/sign-in\?/);
  await other.goto("/sign-up");
  await fillSignUp(other, newcomer);
  await other.getByRole("button", { name: "Create account" }).click();
  await expect(other).toHaveURL(/\/notes$/);

  await expect(page.getByRole("heading", { name: "Somebody else is signed in" })).toBeVisible();
  expect(await page.content()).not.toContain(person.email);
  await other.reload();
  await expect(other.getByText("Nothing here yet")).toBeVisible();
  await writeNote(other, "Of the newcomer");
  await expect(other.getByRole("heading", { name: "Of the newcomer" })).toBeVisible();
});
