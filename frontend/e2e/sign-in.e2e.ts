import { beforeScripts, endSessionElsewhere, expect, fillSignIn, test } from "./fixtures.ts";

test("signing out ends the session, and signing in opens another", async ({ page, person }) => {
  await page.goto("/notes");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out")).toBeVisible();
  await page.goto("/notes");
  await expect(page).toHaveURL(/\/sign-in/);

  await fillSignIn(page, { ...person, password: "Wrong1horse" });
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "don’t match" })).toBeVisible();
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Notes", exact: true })).toBeVisible();
});

test("a page behind sign-in leads there and back", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.goto("/account");
  await expect(page.getByText("Sign in to see that page")).toBeVisible();
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/account$/);
});

for (const elsewhere of ["https://evil.example/", "//evil.example/", "/\\evil.example/"]) {
  test(`signing in never leads off to ${elsewhere}`, async ({ page, person }) => {
    await page.context().clearCookies();
    await page.goto(`/sign-in?return_to=${encodeURIComponent(elsewhere)}`);
    await fillSignIn(page, person);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/notes$/);
  });
}

test("a session ended elsewhere leads to sign-in and back, with what was typed", async ({
  page,
  person,
  baseURL,
}) => {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  const form = page.getByRole("region", { name: "New note" });
  await form.getByLabel("Title").fill("Half a thought");
  await form.getByLabel("Text").fill("the other half");
  await endSessionElsewhere(page, String(baseURL));

  const title = page.getByRole("heading", { name: "Your session was ended" });
  await expect(title).toBeFocused();
  await expect(page.getByText(/^At \d\d?:\d\d/)).toBeVisible();
  await expect(page.getByText("Half a thought")).toHaveCount(0);
  await page.getByRole("link", { name: "Sign in again" }).click();
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(form.getByLabel("Title")).toHaveValue("Half a thought");
  await expect(form.getByLabel("Text")).toHaveValue("the other half");
  await form.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("heading", { name: "Half a thought" })).toBeVisible();
});

test("no script can see the access token", async ({ page, person }) => {
  const answers: string[] = [];
  page.on("response", async (response) => {
    if (/\/api\/(session|backend)\/(?!events)/.test(response.url()))
      answers.push(await response.text().catch(() => ""));
  });
  await page.context().clearCookies();
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();

  const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;
  const held = await page.evaluate(() =>
    JSON.stringify([
      document.cookie,
      { ...localStorage },
      { ...sessionStorage },
      document.documentElement.outerHTML,
    ]),
  );
  expect(held).not.toMatch(JWT);
  expect(answers.length).toBeGreaterThan(0);
  expect(answers.join("\n")).not.toMatch(JWT);
  const cookies = await page.context().cookies();
  expect(cookies.some(({ value, httpOnly }) => JWT.test(value) && httpOnly)).toBe(true);
  expect(cookies.filter(({ value, httpOnly }) => JWT.test(value) && !httpOnly)).toEqual([]);
});

test("too many attempts count down, with the button off", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.route("**/api/session/sign-in", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "3" }, json: { code: "rate_limited" } }),
  );
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: /^Try again in \d s$/ })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await page.unroute("**/api/session/sign-in");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("the address typed at sign-in stands in the form for a forgotten password", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByRole("link", { name: "Set a new one" }).click();
  await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue("ada@example.com");
});

test("an address is not put into a field that somebody is in already", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await beforeScripts(page, "/forgot-password", () => page.getByLabel("E-mail address").focus());
  await page.getByLabel("E-mail address").pressSequentially("bea@example.com");
  await expect(page.getByLabel("E-mail address")).toHaveValue("bea@example.com");
});

test("Caps Lock is told while a password is typed, and forgotten when the entry is left", async ({
  page,
}) => {
  await page.goto("/sign-in");
  const password = page.getByLabel("Password", { exact: true });
  const hint = page.getByRole("status").filter({ hasText: "Caps Lock is on." });
  await expect(page.getByRole("button", { name: "Show password" })).toBeVisible();
  // A browser under test has no such key: its event says what a real one would.
  const press = (isOn: boolean) =>
    password.evaluate((element, modifierCapsLock) => {
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "A", bubbles: true, modifierCapsLock }));
    }, isOn);
  await password.focus();
  await press(true);
  await expect(hint).toBeVisible();
  await press(false);
  await expect(hint).toHaveCount(0);
  await press(true);
  await page.getByLabel("E-mail address").focus();
  await expect(hint).toHaveCount(0);
});
