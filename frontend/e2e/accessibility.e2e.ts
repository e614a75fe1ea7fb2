import { expectAccessible } from "./accessible.ts";
import { ARABIC, endSessionElsewhere, expect, LONG, signUpElsewhere, test, writeNote } from "./fixtures.ts";

test.use({ contextOptions: { reducedMotion: "reduce" } });
// Each page is looked at in many ways.
test.describe.configure({ timeout: 180_000 });

test("pages for everybody", async ({ page }) => {
  const pages = {
    landing: "/",
    "sign-up": "/sign-up",
    "sign-in": "/sign-in?reason=ended",
    "forgot-password": "/forgot-password",
    "reset-password": "/reset-password",
    "lab-off": "/lab",
    "not-found": "/nowhere",
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // Its script says so in place of the form.
    if (name === "reset-password") await expect(page.getByText("Open the link in your e-mail")).toBeVisible();
    await expectAccessible(page, name);
  }
});

test("forms with errors, and a link that was sent", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Name")).toBeFocused();
  await expectAccessible(page, "sign-up-errors");
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

test("administration, and the page of one user", async ({ adminPage: page, baseURL }) => {
  const { person } = await signUpElsewhere(String(baseURL), { name: `${ARABIC} ${LONG}` });
  await page.goto(`/admin?search=${person.email}`);
  await expect(page.getByRole("region", { name: "Users" }).getByRole("listitem")).toHaveCount(1);
  await expectAccessible(page, "admin");
  await page.getByRole("link", { name: person.name }).click();
  await expect(page.getByRole("button", { name: /^End the session of/ })).toBeVisible();
  await expect(page.getByText("Account created")).toBeVisible();
  await expectAccessible(page, "admin-user");
  await page.getByRole("button", { name: "Suspend" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
  await expect(page.getByText("Give a reason.")).toBeVisible();
  await expectAccessible(page, "admin-suspend");
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
