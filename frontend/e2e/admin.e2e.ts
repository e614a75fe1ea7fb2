import { expect, signInElsewhere, signUpElsewhere, test } from "./fixtures.ts";

test("an ordinary user finds no administration", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  await expect(page.getByRole("link", { name: "Admin" })).toHaveCount(0);
  expect((await page.goto("/admin"))?.status()).toBe(404);
});

test("an administrator finds a user, changes their role and ends their sessions", async ({
  adminPage: page,
  baseURL,
}) => {
  const { person, request } = await signUpElsewhere(String(baseURL));
  await page.goto("/notes");
  await page.getByRole("link", { name: "Admin" }).click();
  await page.getByLabel("Search by e-mail address").fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  const row = page.getByRole("listitem").filter({ hasText: person.email });
  await expect(page.getByRole("region", { name: "Users" }).getByRole("listitem")).toHaveCount(1);

  await row.getByRole("button", { name: "Make administrator" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Make administrator" }).click();
  await expect(row.getByText("Administrator", { exact: true })).toBeVisible();
  expect((await (await request.get("/api/backend/me")).json()).roles).toEqual(["admin"]);

  await row.getByRole("button", { name: "End sessions" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End sessions" }).click();
  await expect(row.getByText("All sessions have ended.")).toBeVisible();
  expect((await request.get("/api/backend/me")).status()).toBe(401);
});

test("an administrator suspends a user with a reason and a term, and lifts it", async ({
  adminPage: page,
  baseURL,
}) => {
  const { person, request } = await signUpElsewhere(String(baseURL));
  await page.goto("/admin");
  await page.getByLabel("Search by e-mail address").fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  const row = page.getByRole("listitem").filter({ hasText: person.email });

  await row.getByRole("button", { name: "Suspend" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await expect(dialog.getByText("Give a reason.")).toBeVisible();
  await dialog.getByLabel("Reason, for the record").fill("Spam");
  await dialog.getByLabel("Term").selectOption("1 day");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await expect(row.getByText(/^Suspended until .*: Spam$/)).toBeVisible();
  expect((await request.get("/api/backend/me")).status()).toBeGreaterThanOrEqual(401);

  await row.getByRole("button", { name: "Lift suspension" }).click();
  await expect(row.getByText("Suspension lifted.")).toBeVisible();
  const again = await signInElsewhere(person, String(baseURL));
  expect((await again.get("/api/backend/me")).status()).toBe(200);
});
