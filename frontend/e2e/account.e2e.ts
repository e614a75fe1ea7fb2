import { expect, fillSignIn, signInElsewhere, test } from "./fixtures.ts";

test("a session on another device is seen, and ended", async ({ page, person, baseURL }) => {
  const other = await signInElsewhere(person, String(baseURL));
  await page.goto("/account");
  const sessions = page.getByRole("region", { name: "Where you are signed in" });
  await expect(sessions.getByText("This device")).toHaveCount(1);
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  expect((await other.get("/api/backend/me")).status()).toBe(200);

  await sessions.getByRole("button", { name: /^End the session of/ }).click();
  await expect(sessions.getByText("The session has ended.")).toBeVisible();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  expect((await other.get("/api/backend/me")).status()).toBe(401);
  await expect(page.getByText("A session was ended")).toBeVisible();
  await page.reload();
  await expect(sessions.getByText("This device")).toBeVisible();
});

test("all other sessions are ended at once, after a question", async ({ page, person, baseURL }) => {
  const others = [
    await signInElsewhere(person, String(baseURL)),
    await signInElsewhere(person, String(baseURL)),
  ];
  await page.goto("/account");
  await page.getByRole("button", { name: "End all others" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End all others" }).click();
  await expect(page.getByText("You are signed out everywhere but here.")).toBeVisible();
  for (const other of others) expect((await other.get("/api/backend/me")).status()).toBe(401);
});

test("ending all sessions leads to sign-in", async ({ signedInPage: page }) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "End all, this one too" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End all sessions" }).click();
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
  await expect(page.getByText("Your password has changed.")).toBeVisible();
  expect((await other.get("/api/backend/me")).status()).toBe(401);
  await expect(page.getByText("Password changed")).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await fillSignIn(page, changed);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});
