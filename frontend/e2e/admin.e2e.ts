import { expect, signInElsewhere, signUpElsewhere, test } from "./fixtures.ts";

test("an ordinary user finds no administration, and no page of a user, not even their own", async ({
  signedInPage: page,
}) => {
  await page.goto("/notes");
  await expect(page.getByRole("link", { name: "Admin" })).toHaveCount(0);
  const { user } = await (await page.request.get("/api/auth/get-session")).json();
  for (const path of ["/admin", `/admin/users/${user.id}`]) {
    expect((await page.goto(path))?.status()).toBe(404);
    await expect(page).toHaveTitle(/^Page not found/);
  }
});

test("an answer that comes late does not replace what was searched for since", async ({
  adminPage: page,
  baseURL,
}) => {
  const { person } = await signUpElsewhere(String(baseURL));
  let answer: () => void = () => {};
  const isLate = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/admin\/users\?.*search=ada/, async (route) => {
    const response = await route.fetch();
    if (!decodeURIComponent(route.request().url()).includes(person.email)) await isLate;
    await route.fulfill({ response });
  });
  await page.goto("/admin");
  const users = page.getByRole("region", { name: "Users" }).getByRole("listitem");
  await expect(users).not.toHaveCount(0);
  for (const search of ["ada", person.email]) {
    await page.getByLabel("Search by name or e-mail address").fill(search);
    await page.getByRole("button", { name: "Search" }).click();
  }
  await expect(users).toHaveCount(1);
  const late = page.waitForResponse(/search=ada$/);
  answer();
  await (await late).finished();
  await expect(users).toHaveCount(1);
});

test("an administrator sees one user: sessions, activity, and what can be done; by keyboard", async ({
  adminPage: page,
  baseURL,
}) => {
  const { person, request } = await signUpElsewhere(String(baseURL));
  const second = await signInElsewhere(person, String(baseURL));
  await page.goto("/admin");
  const search = page.getByLabel("Search by name or e-mail address");
  // What is streamed is hidden until all of it is there; nothing hidden takes the focus.
  await expect(search).toBeVisible();
  await search.focus();
  await page.keyboard.type(person.email.slice(0, 20).toUpperCase());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Users" }).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("link", { name: person.name }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: person.name })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(`^${person.name}`));
  await expect(page.getByText(person.email).first()).toBeVisible();

  const sessions = page.getByRole("region", { name: "Sessions" });
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await sessions.getByRole("button", { name: "End the session of Firefox on Linux" }).focus();
  await page.keyboard.press("Enter");
  await expect(sessions.getByText("The session has ended.")).toBeFocused();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  expect((await second.get("/api/backend/me")).status()).toBe(401);
  expect((await request.get("/api/backend/me")).status()).toBe(200);
  const activity = page.getByRole("region", { name: "Activity" });
  await expect(
    activity.getByText("The session of Firefox on Linux was ended, by an administrator"),
  ).toBeVisible();

  await page.getByRole("button", { name: "Suspend" }).click();
  await page.getByLabel("Reason, for the record").fill("Spam");
  await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
  await expect(page.getByText(/^Suspended until .*: Spam$/)).toBeVisible();
  await expect(sessions.getByText("Not signed in anywhere.")).toBeVisible();
  await expect(activity.getByText("Account suspended: Spam, by an administrator")).toBeVisible();
  await page.reload();
  await expect(page.getByText(/^Suspended until \d+ \w+ \d{4} at \d\d:\d\d: Spam$/)).toBeVisible();

  await page.getByRole("button", { name: "Delete user" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete user" }).click();
  await expect(page).toHaveURL(/\/admin$/);
  expect((await page.goBack())?.status() ?? 404).toBe(404);
});

test("an administrator finds a user, changes their role and ends their sessions", async ({
  adminPage: page,
  baseURL,
}) => {
  const { person, request } = await signUpElsewhere(String(baseURL));
  await page.goto("/notes");
  await page.getByRole("link", { name: "Admin" }).click();
  await page.getByLabel("Search by name or e-mail address").fill(person.email);
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
  await page.getByLabel("Search by name or e-mail address").fill(person.email);
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
