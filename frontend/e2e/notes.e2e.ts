import { request } from "@playwright/test";
import { API_URL, beforeScripts, expect, test, writeNote } from "./fixtures.ts";

test("a note is written, changed and deleted", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await writeNote(page, "Reading list", "RFC 7519\nRFC 9068");
  await expect(page.getByRole("heading", { name: "Reading list" })).toBeVisible();
  await expect(page.getByRole("region", { name: "New note" }).getByLabel("Title")).toHaveValue("");

  await page.getByRole("button", { name: "Edit Reading list" }).click();
  const list = page.getByRole("region", { name: "Your notes" });
  await expect(list.getByLabel("Title")).toBeFocused();
  await list.getByLabel("Title").fill("Read");
  await list.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { name: "Read", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Edit Read" })).toBeFocused();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Read", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Delete Read" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Delete Read" }).click();
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete note" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await deleted;
  await page.reload();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
});

test("a note written in the browser is listed by the API", async ({ page, person }) => {
  await page.goto("/notes");
  await writeNote(page, "For the API");
  await expect(page.getByRole("heading", { name: "For the API" })).toBeVisible();

  const { email, password } = person;
  const client = await request.newContext({ baseURL: API_URL });
  const { access_token } = await (
    await client.post("/api/auth/sign-in", { data: { email, password } })
  ).json();
  const listed = await client.get("/api/notes", { headers: { authorization: `Bearer ${access_token}` } });
  expect((await listed.json()).items.map(({ title }: { title: string }) => title)).toEqual(["For the API"]);
});

test("what is typed before the page's script runs is not lost", async ({ signedInPage: page }) => {
  const form = page.getByRole("region", { name: "New note" });
  await beforeScripts(page, "/notes", async () => {
    await form.getByLabel("Title").fill("Typed early");
    await form.getByLabel("Text").fill("And more");
  });
  await expect(form.locator("form"), "its script runs").toHaveAttribute("novalidate");
  await expect(form.getByLabel("Title")).toHaveValue("Typed early");
  await form.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("heading", { name: "Typed early" })).toBeVisible();
  await expect(page.getByText("And more")).toBeVisible();
});

test("a double click on save makes one note", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  const form = page.getByRole("region", { name: "New note" });
  await form.getByLabel("Title").fill("Once");
  await form.getByRole("button", { name: "Save note" }).dblclick();
  await expect(page.getByRole("heading", { name: "Once" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Once" })).toHaveCount(1);
});

test("a note without a title is held back with a word at its field", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  const form = page.getByRole("region", { name: "New note" });
  await form.getByRole("button", { name: "Save note" }).click();
  await expect(form.getByLabel("Title")).toBeFocused();
  await expect(form.getByLabel("Title")).toHaveAccessibleDescription("Give the note a title.");
});

test("older notes come page by page", async ({ signedInPage: page, baseURL }) => {
  for (let number = 1; number <= 22; number += 1) {
    const made = await page.request.post("/api/backend/notes", {
      data: { title: `Note ${number}` },
      headers: { origin: String(baseURL) },
    });
    expect(made.status()).toBe(201);
  }
  await page.goto("/notes");
  await expect(page.getByRole("heading", { name: /^Note \d/ })).toHaveCount(20);
  await page.getByRole("button", { name: "Show older notes" }).click();
  await expect(page.getByRole("heading", { name: /^Note \d/ })).toHaveCount(22);
  await expect(page.getByRole("button", { name: "Show older notes" })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Note 2", exact: true })).toBeFocused();
});

test("a refused deletion puts the note back and says so, where the person is", async ({
  signedInPage: page,
  baseURL,
}) => {
  const titles = ["Keep me", ...Array.from({ length: 12 }, (_, index) => `Newer ${index + 1}`)];
  for (const title of titles) {
    await page.request.post("/api/backend/notes", { data: { title }, headers: { origin: String(baseURL) } });
  }
  await page.goto("/notes");
  await page.route("**/api/backend/notes/*", (route) =>
    route.fulfill({ status: 503, json: { code: "api_unavailable" } }),
  );
  await page.getByRole("button", { name: "Delete Keep me" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete note" }).click();
  const alert = page.getByRole("alert").filter({ hasText: "“Keep me” was not deleted." });
  await expect(alert).toBeInViewport();
  await expect(page.getByText(/^Deleted/)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Keep me" })).toBeVisible();
});

test("an outage of the API says so and can be tried again", async ({ signedInPage: page }) => {
  const outage = { status: 503, json: { code: "api_unavailable" } };
  await page.route("**/api/backend/notes", (route) => route.fulfill(outage), { times: 1 });
  // Without an access token to begin with the page asks by itself.
  await page.context().clearCookies({ name: /access_token$/ });
  await page.goto("/notes");
  await expect(page.getByRole("alert").filter({ hasText: "can’t be reached" })).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
});
