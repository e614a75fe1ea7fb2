import { expect, fillSignIn, fillSignUp, somebody, test } from "./fixtures.ts";

test.use({ javaScriptEnabled: false });

test("somebody signs up, writes a note and signs out", async ({ page }) => {
  const person = somebody();
  await page.goto("/sign-up");
  await fillSignUp(page, person);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
  const form = page.getByRole("region", { name: "New note" });
  await form.getByLabel("Title").fill("Written plainly");
  await form.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("heading", { name: "Written plainly" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto("/notes");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a name and a password are changed, and what takes a script is not offered", async ({
  page,
  person,
}) => {
  await page.goto("/account");
  await expect(page.getByText("JavaScript is off.")).toBeVisible();
  for (const name of ["Sign out everywhere", "Delete account", "Switch between light and dark"])
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  await page.getByRole("textbox", { name: "Name" }).fill("Grace Hopper");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("Your name is saved.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Grace Hopper");

  const changed = { ...person, password: "Another2horse" };
  const current = page.getByLabel("Current password", { exact: true });
  for (const [password, outcome] of [
    ["Wrong1horse", "That is not your current password."],
    [person.password, "Your password has changed."],
  ] as const) {
    await current.fill(password);
    await page.getByLabel("New password", { exact: true }).fill(changed.password);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText(outcome)).toBeVisible();
  }
  await page.getByRole("button", { name: "Sign out" }).click();
  await fillSignIn(page, changed);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("an administrator finds a user", async ({ adminPage: page, person }) => {
  await page.goto("/admin");
  await page.getByLabel("Search by name or e-mail address").fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("region", { name: "Users" }).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("link", { name: person.name }).click();
  await expect(page.getByText("This device")).toBeVisible();
});

test("content that is streamed late is shown", async ({ signedInPage: page }) => {
  await page.route("**/account", async (route) => {
    const answer = await route.fetch();
    const late = '<div hidden id="S:99"><p>This came late</p></div></body>';
    await route.fulfill({ response: answer, body: (await answer.text()).replace("</body>", late) });
  });
  await page.goto("/account");
  await expect(page.getByText("This came late")).toBeVisible();
});

test("a wrong password is told, and the right one leads to where the person wanted to go", async ({
  page,
  person,
}) => {
  await page.context().clearCookies();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?.*return_to=/);
  await fillSignIn(page, { ...person, password: "Wrong1horse" });
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "don’t match" })).toBeVisible();
  await fillSignIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/account$/);
});

test("a taken address is told", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.goto("/sign-up");
  await fillSignUp(page, person);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(
    page.getByRole("alert").filter({ hasText: "An account with this e-mail address exists" }),
  ).toBeVisible();
});

test("a link to set a new password needs a script, and says so", async ({ request }) => {
  // Chromium parses `noscript` as if scripts ran while a tool keeps them from running: so the page as it is sent.
  const html = await (await request.get("/reset-password")).text();
  expect(/<noscript>.*?<\/noscript>/s.exec(html)?.[0]).toContain("Turn JavaScript on for this page");
});
