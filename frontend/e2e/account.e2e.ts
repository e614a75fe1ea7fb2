import { expect, fillSignIn, signInElsewhere, test } from "./fixtures.ts";

test("a session on another device is seen, and ended", async ({ page, person, baseURL }) => {
  const other = await signInElsewhere(person, String(baseURL));
  await page.goto("/account");
  const sessions = page.getByRole("region", { name: "Where you are signed in" });
  await expect(sessions.getByText("This device")).toHaveCount(1);
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  expect((await other.get("/api/backend/me")).status()).toBe(200);

  await sessions.getByRole("button", { name: /^End the session of/ }).click();
  const outcome = sessions.getByText(/^The session has ended\. Refused everywhere after \d+ ms\.$/);
  await expect(outcome).toBeVisible();
  await expect(outcome).toBeFocused();
  const after = Number(/(\d+) ms/.exec(await outcome.innerText())?.[1]);
  expect(after).toBeLessThan(2_000);
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  expect((await other.get("/api/backend/me")).status()).toBe(401);
  await expect(page.getByText("The session of Firefox on Linux was ended")).toBeVisible();
  await page.reload();
  await expect(sessions.getByText("This device")).toBeVisible();
});

test("all other sessions are ended at once, after a question", async ({ page, person, baseURL }) => {
  const others = [
    await signInElsewhere(person, String(baseURL)),
    await signInElsewhere(person, String(baseURL)),
  ];
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("You are signed out everywhere but here.")).toBeVisible();
  for (const other of others) expect((await other.get("/api/backend/me")).status()).toBe(401);
});

test("ending all sessions leads to sign-in", async ({ signedInPage: page }) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByText("You are signed out")).toBeVisible();
  await page.goto("/notes");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a changed password ends the other sessions, and lets in from then on", async ({
  page,
  person,
  baseURL,
}) => {
  const other = await signInElsewhere(person, String(baseURL));
  await page.goto("/account");
  const current = page.getByLabel("Current password", { exact: true });
  const changed = { ...person, password: "Another2horse" };

  await current.fill("Wrong1horse");
  await page.getByLabel("New password", { exact: true }).fill(changed.password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(current).toBeFocused();
  await expect(current).toHaveAccessibleDescription(/not your current password/);

  await current.fill(person.password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password has changed.")).toBeFocused();
  expect((await other.get("/api/backend/me")).status()).toBe(401);
  await expect(page.getByText("Password changed")).toBeVisible();

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await fillSignIn(page, changed);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("a changed name is shown at once, and the API is told it", async ({ signedInPage: page }) => {
  await page.goto("/account");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Grace Hopper");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("Your name is saved.")).toBeFocused();
  await page.getByRole("link", { name: "Notes" }).click();
  await expect(page.getByRole("complementary", { name: "Who am I" })).toContainText("Grace Hopper");
});

test("an account is deleted after the password was given again, with its notes and its tokens", async ({
  page,
  person,
  baseURL,
}) => {
  const other = await signInElsewhere(person, String(baseURL));
  await other.post("/api/backend/notes", {
    data: { title: "Gone soon" },
    headers: { origin: String(baseURL) },
  });
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Your password", { exact: true }).fill("Wrong1horse");
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(dialog.getByText("That is not your password.").first()).toBeVisible();
  await dialog.getByLabel("Your password", { exact: true }).fill(person.password);
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(page.getByText("Your account is deleted")).toBeVisible();

  expect((await other.get("/api/backend/me")).status()).toBe(401);
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "don’t match" })).toBeVisible();
});

test("a password manager is led to where the password is changed", async ({ signedInPage: page }) => {
  await page.goto("/.well-known/change-password");
  await expect(page).toHaveURL(/\/account#password$/);
  await expect(page.getByLabel("New password", { exact: true })).toBeInViewport();
});

test("a password manager is told whose password a form is about, and nobody sees it", async ({
  page,
  person,
}) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account" }).click();
  for (const form of [page.locator("form", { hasText: "Change password" }), page.locator("dialog form")]) {
    const name = form.locator("input[autocomplete=username]");
    await expect(name).toHaveValue(person.email);
    await expect(name).toBeHidden();
    await expect(form.locator("input[autocomplete$=password]").first()).toBeVisible();
  }
});

test("the data of the page comes with it, and none is asked for again", async ({ signedInPage: page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/account");
  await expect(page.getByText("This device")).toBeVisible();
  await expect(page.getByText("Account created")).toBeVisible();
  await expect(page.getByRole("button", { name: "Show current password" })).toBeVisible();
  expect(asked.filter((path) => path.startsWith("/api/auth/account"))).toEqual([]);
});

test("a press on the way to another page is answered before the server answers", async ({
  signedInPage: page,
}) => {
  await page.goto("/notes");
  // First the tree of the page is asked for, then what it shows while it loads.
  const prefetched = () =>
    page.evaluate(
      () =>
        performance.getEntriesByType("resource").filter(({ name }) => name.includes("/account?_rsc=")).length,
    );
  await expect.poll(prefetched).toBe(2);
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  let release = () => undefined as unknown;
  const held = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  await page.route(/[?&]_rsc=/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await expect(page.getByText("Loading your account")).toBeAttached();
  release();
  await expect(page.getByText("This device")).toBeVisible();
});
