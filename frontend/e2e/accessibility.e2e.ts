import { expectAccessible } from "./accessible.ts";
import {
  endSessionElsewhere,
  expect,
  fillSignIn,
  signInElsewhere,
  signUpElsewhere,
  somebody,
  test,
  writeNote,
} from "./fixtures.ts";

test.use({ contextOptions: { reducedMotion: "reduce" } });

const OUTAGE = { status: 503, json: { code: "api_unavailable" } };
/** Words that do not break, and words from right to left. */
const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
const ARABIC = "ملاحظات عن مراجعة الأمان";

test("pages for everybody", async ({ page }) => {
  const pages = {
    landing: "/",
    "sign-up": "/sign-up",
    "sign-in": "/sign-in?reason=ended",
    "sign-in-failed": "/sign-in?failed=invalid_credentials",
    "not-found": "/nowhere",
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page, name);
  }
});

test("pages for a forgotten password, and the lab where it is turned off", async ({ page }) => {
  const pages = {
    "forgot-password": "/forgot-password",
    "forgot-password-sent": "/forgot-password?sent=1",
    "reset-password": "/reset-password",
    "lab-off": "/lab",
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page, name);
  }
});

test("forms with errors, a wait, and a link that was sent", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Name")).toBeFocused();
  await expectAccessible(page, "sign-up-errors");
  await page.route("**/api/session/sign-in", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "600" }, json: { code: "rate_limited" } }),
  );
  await page.goto("/sign-in");
  await fillSignIn(page, somebody());
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: /^Try again in/ })).toBeVisible();
  await expectAccessible(page, "sign-in-wait");
  await page.goto("/reset-password#a-link-that-was-never-sent");
  await page.getByLabel("New password", { exact: true }).fill("Correct1horse");
  await page.getByRole("button", { name: "Set the new password" }).click();
  await expect(page.getByText("This link has been used")).toBeVisible();
  await expectAccessible(page, "reset-password-failed");
});

test("notes, while reading, changing and deleting, and once the session is over", async ({
  page,
  person,
  baseURL,
}) => {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await expectAccessible(page, "notes-empty");
  await writeNote(page, LONG, `${ARABIC}\n${LONG}`);
  await expect(page.getByRole("heading", { name: LONG })).toBeVisible();
  await writeNote(page, ARABIC, "Some text");
  await expect(page.getByRole("complementary", { name: "Who am I" })).toContainText(person.name);
  await expect(page.getByRole("heading", { name: ARABIC })).toBeVisible();
  await expectAccessible(page, "notes");
  await page.getByRole("button", { name: `Edit ${ARABIC}` }).click();
  await expectAccessible(page, "notes-edit");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: `Delete ${ARABIC}` }).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await expectAccessible(page, "notes-delete");
  await endSessionElsewhere(page, String(baseURL));
  await expect(page.getByRole("heading", { name: "Your session was ended" })).toBeVisible();
  await expectAccessible(page, "session-over");
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

test("the account, and what it asks", async ({ signedInPage: page }) => {
  await page.goto("/account");
  await expect(page.getByText("This device")).toBeVisible();
  await expect(page.getByText("Account created")).toBeVisible();
  await expectAccessible(page, "account");
  await page.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await expectAccessible(page, "account-sign-out");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete account" }).click();
  await page.getByRole("button", { name: "Delete my account" }).click();
  await expect(page.getByRole("dialog").getByText("Enter your password.").first()).toBeVisible();
  await expectAccessible(page, "account-delete");
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

test("administration, and the page of one user", async ({ adminPage: page, baseURL }) => {
  const { person } = await signUpElsewhere(String(baseURL), { name: `${ARABIC} ${LONG}` });
  await page.goto("/admin?search=nobody-at-all");
  await expect(page.getByText("No user has a name or an address like that.")).toBeVisible();
  await expectAccessible(page, "admin-none");
  await page.getByLabel("Search by name or e-mail address").fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("region", { name: "Users" }).getByRole("listitem")).toHaveCount(1);
  await expectAccessible(page, "admin");
  await page.getByRole("link", { name: person.name }).click();
  await expect(page.getByRole("button", { name: /^End the session of/ })).toBeVisible();
  await expect(page.getByText("Account created")).toBeVisible();
  await expectAccessible(page, "admin-user");
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
  await suspend.click();
  await expect(page.getByText("Give a reason.")).toBeVisible();
  await expectAccessible(page, "admin-suspend");
  await page.getByLabel("Reason, for the record").fill(LONG);
  await suspend.click();
  await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
  await expectAccessible(page, "admin-suspended");
});

test("pages that are on their way, and one that breaks", async ({ adminPage: page }) => {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await page.route(/[?&]_rsc=/, () => undefined);
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("Loading your account")).toBeAttached();
  await expectAccessible(page, "account-loading");
  await page.unrouteAll();
  await page.route("**/api/auth/admin/users?*", (route) => route.fulfill({ json: {} }));
  await page.goto("/admin");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("heading", { name: "Something went wrong on this page" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expectAccessible(page, "error");
});

test("the theme can be switched, and stays", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const shade = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await shade();
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await expect.poll(shade).not.toBe(light);
  const dark = await shade();
  await page.reload();
  expect(await shade()).toBe(dark);
});
