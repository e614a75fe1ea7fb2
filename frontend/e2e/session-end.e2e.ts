import type { Page } from "@playwright/test";
import { endSessionElsewhere, expect, fillSignIn, somebody, test, writeNote } from "./fixtures.ts";

const ended = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

async function openNotes(page: Page): Promise<void> {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
}

test("every tab of a browser hides what it shows when the session ends, and says why and when", async ({
  page,
  person,
  baseURL,
}) => {
  await openNotes(page);
  await writeNote(page, "A secret");
  await expect(page.getByRole("heading", { name: "A secret" })).toBeVisible();
  const second = await page.context().newPage();
  const connections: string[] = [];
  second.on("request", (request) => connections.push(new URL(request.url()).pathname));
  await second.goto("/account");
  await expect(second.getByText("This device")).toBeVisible();
  const waiting = () => second.evaluate(async () => (await navigator.locks.query()).pending?.length);
  await expect.poll(waiting).toBe(1);
  expect(connections, "one connection for all tabs").not.toContain("/api/session/events");

  await endSessionElsewhere(page, String(baseURL));
  for (const tab of [page, second]) {
    await expect(ended(tab, "Your session was ended")).toBeVisible();
    await expect(tab.getByText(/^At \d\d?:\d\d.* It was ended from another device/)).toBeVisible();
    expect(await tab.content()).not.toContain("A secret");
    expect(await tab.content()).not.toContain(person.email);
    await expect(tab).toHaveTitle(/^Your session was ended/);
  }
});

test("a session that is ended in one browser is over in the other, at once", async ({
  browser,
  page,
  person,
  baseURL,
}) => {
  const userAgent = "Mozilla/5.0 (X11; Linux) Firefox/140.0";
  const context = await browser.newContext({ baseURL: String(baseURL), userAgent });
  const other = await context.newPage();
  await other.goto("/sign-in");
  await fillSignIn(other, person);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByText("Nothing here yet")).toBeVisible();

  await page.goto("/account");
  await page.getByRole("button", { name: "End the session of Firefox on Linux" }).click();
  await expect(page.getByText(/^The session has ended\. Refused everywhere after \d+ ms\.$/)).toBeVisible();
  await expect(ended(other, "Your session was ended")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
  await context.close();
});

test("the tab that takes the place of a closed one goes on listening", async ({ page, person, baseURL }) => {
  void person;
  await openNotes(page);
  const second = await page.context().newPage();
  await openNotes(second);
  const listening = second.waitForResponse("**/api/session/events");
  await page.close();
  await listening;
  await endSessionElsewhere(second, String(baseURL));
  await expect(ended(second, "Your session was ended")).toBeVisible();
});

test("a draft waits for the person, and for nobody else", async ({ page, person, baseURL }) => {
  await openNotes(page);
  const title = page.getByRole("region", { name: "New note" }).getByLabel("Title");
  await title.fill("Half a thought");
  await endSessionElsewhere(page, String(baseURL));
  await page.getByRole("link", { name: "Sign in again" }).click();
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(title).toHaveValue("Half a thought");

  await endSessionElsewhere(page, String(baseURL));
  await expect(ended(page, "Your session was ended")).toBeVisible();
  const other = somebody();
  await page.request.post("/api/session/sign-up", { data: other, headers: { origin: String(baseURL) } });
  await openNotes(page);
  const kept = () => page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  await expect.poll(kept, "once the page's script runs").not.toContain("Half a thought");
  await expect(title).toHaveValue("");
});

test("signing out in one tab is told in the others, and signing in again too", async ({ page, person }) => {
  await openNotes(page);
  const second = await page.context().newPage();
  await openNotes(second);
  await second.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(second).toHaveURL(/\/sign-in/);
  await expect(ended(page, "You are signed out")).toBeVisible();
  await expect(page.getByText("You signed out in another tab.")).toBeVisible();

  await fillSignIn(second, person);
  await second.getByRole("button", { name: "Sign in" }).click();
  await expect(second).toHaveURL(/\/notes$/);
  await page.getByRole("link", { name: "Continue" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
});

test("a sign-in page goes on when somebody signs in in another tab", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.goto("/sign-in?return_to=/account");
  const second = await page.context().newPage();
  await second.goto("/sign-in");
  await fillSignIn(second, person);
  await second.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/account$/);
});

test("a page of one person is hidden once another signs in in the same browser", async ({
  page,
  person,
  baseURL,
}) => {
  await openNotes(page);
  await writeNote(page, "Of the first");
  const second = await page.context().newPage();
  await endSessionElsewhere(page, String(baseURL));
  await second.goto("/sign-up");
  const other = somebody();
  await second.getByLabel("Name").fill("Bea");
  await fillSignIn(second, other);
  await second.getByRole("button", { name: "Create account" }).click();
  await expect(second).toHaveURL(/\/notes$/);
  await expect(ended(page, "Somebody else is signed in")).toBeVisible();
  expect(await page.content()).not.toContain("Of the first");
  expect(await page.content()).not.toContain(person.email);
});

test("a changed password replaces the session, which no tab takes for its end", async ({ page, person }) => {
  await openNotes(page);
  const second = await page.context().newPage();
  await second.goto("/account");
  await second.getByLabel("Current password", { exact: true }).fill(person.password);
  await second.getByLabel("New password", { exact: true }).fill("Another2horse");
  await second.getByRole("button", { name: "Change password" }).click();
  await expect(second.getByText("Your password has changed.")).toBeVisible();
  await expect(second.getByText("This device")).toBeVisible();
  // The connection is made anew, with the new session.
  await writeNote(page, "Still here");
  await expect(page.getByRole("heading", { name: "Still here" })).toBeVisible();
  for (const tab of [page, second])
    await expect(tab.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
});

test("a changed password ends no tab, however late the one that listens hears of it", async ({
  page,
  person,
}) => {
  await openNotes(page);
  const second = await page.context().newPage();
  await second.goto("/account");
  await second.getByLabel("Current password", { exact: true }).fill(person.password);
  await second.getByLabel("New password", { exact: true }).fill("Another2horse");
  const isBusy = page.evaluate(() => {
    const end = performance.now() + 3_000;
    while (performance.now() < end);
  });
  await second.getByRole("button", { name: "Change password" }).click();
  await expect(second.getByText("This device")).toBeVisible();
  await isBusy;
  await writeNote(page, "Still here");
  for (const tab of [page, second])
    await expect(tab.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
});

test("going back after sign-in shows no form to who is signed in", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.goto("/");
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/notes$/);
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
});

for (const isSignedIn of [true, false]) {
  test(`an address without a page has a header and a title, ${isSignedIn ? "signed in" : "signed out"}`, async ({
    page,
    person,
  }) => {
    void person;
    if (!isSignedIn) await page.context().clearCookies();
    for (const path of isSignedIn ? ["/nowhere", "/admin"] : ["/nowhere"]) {
      expect((await page.goto(path))?.status()).toBe(404);
      await expect(page).toHaveTitle(/^Page not found/);
      const way = page.getByRole("banner");
      await expect(
        way.getByRole(isSignedIn ? "button" : "link", { name: isSignedIn ? "Sign out" : "Sign in" }),
      ).toBeVisible();
    }
  });
}
