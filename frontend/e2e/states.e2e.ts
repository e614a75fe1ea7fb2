import { expectAccessible } from "./accessible.ts";
import {
  ARABIC,
  expect,
  fillSignIn,
  LONG,
  signInElsewhere,
  signUpElsewhere,
  somebody,
  test,
  writeNote,
} from "./fixtures.ts";

/* With STATES=1: what accessibility.e2e.ts leaves out, which takes longer. */
test.use({ contextOptions: { reducedMotion: "reduce" } });
test.describe.configure({ timeout: 180_000 });

const OUTAGE = { status: 503, json: { code: "api_unavailable" } };

test("forms that were sent without a script, and one that has to wait", async ({ page }) => {
  for (const [name, path] of Object.entries({
    "sign-in-failed": "/sign-in?failed=invalid_credentials",
    "forgot-password-sent": "/forgot-password?sent=1",
  })) {
    await page.goto(path);
    await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
    await expectAccessible(page, name);
  }
  await page.route("**/api/session/sign-in", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "600" }, json: { code: "rate_limited" } }),
  );
  await page.goto("/sign-in");
  await fillSignIn(page, somebody());
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: /^Try again in/ })).toBeVisible();
  await expectAccessible(page, "sign-in-wait");
});

test("notes while the API is out of reach", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  await writeNote(page, "To be kept");
  await expect(page.getByRole("heading", { name: "To be kept" })).toBeVisible();
  await page.route("**/api/backend/**", (route) => route.fulfill(OUTAGE));
  await page.getByRole("button", { name: "Delete To be kept" }).click();
  await page.getByRole("button", { name: "Delete note" }).click();
  await expect(page.getByText("“To be kept” was not deleted.")).toBeVisible();
  await writeNote(page, "Another one");
  await expect(page.getByText("The note is not saved yet")).toBeVisible();
  await expectAccessible(page, "notes-refused");
  // Without an access token to begin with the page asks by itself.
  await page.context().clearCookies({ name: /access_token$/ });
  await page.reload();
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(2);
  await expectAccessible(page, "notes-outage");
});

test("the account with errors, a success, and calls that fail", async ({
  signedInPage: page,
  person,
  baseURL,
}) => {
  await signInElsewhere(person, String(baseURL));
  await page.goto("/account");
  await page.getByRole("textbox", { name: "Name" }).fill(ARABIC);
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("Your name is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Fix 2 fields")).toBeVisible();
  await page.route("**/api/auth/account/sessions/end", (route) => route.fulfill(OUTAGE));
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await expect(page.getByText("can’t be reached").first()).toBeVisible();
  await expectAccessible(page, "account-errors");
  await page.route("**/api/auth/account/sessions", (route) => route.fulfill(OUTAGE));
  await page.route("**/api/auth/account/activity", (route) => route.fulfill(OUTAGE));
  await page.unroute("**/api/auth/account/sessions/end");
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(2);
  await page.route("**/api/session/sign-out", (route) => route.fulfill(OUTAGE));
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are still signed in.")).toBeVisible();
  await expectAccessible(page, "account-outage");
});

test("users that there are not, and what is asked and said of one", async ({ adminPage: page, baseURL }) => {
  const { person } = await signUpElsewhere(String(baseURL), { name: `${ARABIC} ${LONG}` });
  await page.goto("/admin?search=nobody-at-all");
  await expect(page.getByText("No user has a name or an address like that.")).toBeVisible();
  await expectAccessible(page, "admin-none");
  await page.goto(`/admin?search=${person.email}`);
  await page.getByRole("link", { name: person.name }).click();
  await expect(page.getByText("Account created")).toBeVisible();
  for (const [name, button] of Object.entries({
    "admin-role": "Make administrator",
    "admin-sessions": "End sessions",
    "admin-delete": "Delete user",
  })) {
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("alertdialog")).toBeVisible();
    await expectAccessible(page, name);
    await page.keyboard.press("Escape");
  }
  await page.getByRole("button", { name: "Suspend" }).click();
  const suspend = page.getByRole("dialog").getByRole("button", { name: "Suspend" });
  await page.getByLabel("Reason, for the record").fill(LONG);
  await suspend.click();
  await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
  await expectAccessible(page, "admin-suspended");
});

test("pages that are on their way, and one that breaks", async ({ signedInPage: page, person, baseURL }) => {
  await signInElsewhere(person, String(baseURL));
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await page.route(/[?&]_rsc=/, () => undefined);
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("Loading your account")).toBeAttached();
  await expectAccessible(page, "account-loading");
  await page.unrouteAll();
  await page.route("**/api/auth/account/sessions", (route) => route.fulfill({ json: { sessions: 1 } }));
  await page.goto("/account");
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await expect(page.getByRole("heading", { name: "Something went wrong on this page" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expectAccessible(page, "error");
});
