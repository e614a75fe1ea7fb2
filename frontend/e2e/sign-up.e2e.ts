import { beforeScripts, expect, fillSignUp, somebody, test } from "./fixtures.ts";

test("somebody signs up and sees who they are to the API", async ({ page }) => {
  const person = somebody();
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await fillSignUp(page, person);
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page).toHaveURL(/\/notes$/);
  const panel = page.getByRole("complementary", { name: "Who am I" });
  await expect(panel).toContainText(person.name);
  await expect(panel).toContainText(person.email);
  await expect(panel).toContainText("30 days");
  await expect(panel).toContainText("Read your own notes");
});

test("the password's rules are ticked off while typing, and hold back a weak one", async ({ page }) => {
  const sent: string[] = [];
  page.on("request", (request) => sent.push(new URL(request.url()).pathname));
  await page.goto("/sign-up");
  const password = page.getByLabel("Password", { exact: true });
  const rule = (text: string) => page.locator("li[data-met]", { hasText: text });

  await password.fill("abcdefgh");
  await expect(rule("Use at least 8 characters.")).toHaveAttribute("data-met", "true");
  await expect(rule("Add a lower-case letter.")).toHaveAttribute("data-met", "true");
  await expect(rule("Add an upper-case letter.")).toHaveAttribute("data-met", "false");
  await expect(rule("Add a number.")).toHaveAttribute("data-met", "false");

  await fillSignUp(page, { ...somebody(), password: "abcdefgh" });
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Fix 1 field" })).toContainText(
    "Password: Add an upper-case letter. Add a number.",
  );
  await expect(password).toBeFocused();
  await expect(password).toHaveAttribute("aria-invalid", "true");
  expect(sent).not.toContain("/api/session/sign-up");

  await password.fill("Abcdefgh1");
  await expect(rule("Add a number.")).toHaveAttribute("data-met", "true");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("a password typed before the page's script runs is checked by the rules too", async ({ page }) => {
  await beforeScripts(page, "/sign-up", () => page.getByLabel("Password", { exact: true }).fill("Abcdefgh1"));
  await expect(page.locator("li[data-met=true]", { hasText: "Add a number." })).toBeVisible();
});

test("the server refuses a weak password by itself, naming each unmet rule", async ({ page, baseURL }) => {
  const answer = await page.request.post("/api/session/sign-up", {
    data: { ...somebody(), password: "abcdefgh" },
    headers: { origin: String(baseURL) },
  });
  expect(answer.status()).toBe(422);
  const problem = await answer.json();
  expect(problem.code).toBe("password_policy");
  expect(problem.errors.map(({ code }: { code: string }) => code)).toEqual(["uppercase", "number"]);
});

test("a taken address is said at its field", async ({ page, person }) => {
  await page.context().clearCookies();
  await page.goto("/sign-up");
  await fillSignUp(page, person);
  await page.getByRole("button", { name: "Create account" }).click();
  const email = page.getByLabel("E-mail address");
  await expect(email).toBeFocused();
  await expect(email).toHaveAccessibleDescription(/An account with this e-mail address exists/);
});

test("a double submit makes one request", async ({ page }) => {
  let requests = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/api/session/sign-up")) requests += 1;
  });
  await page.goto("/sign-up");
  await fillSignUp(page, somebody());
  await page.getByRole("button", { name: "Create account" }).dblclick();
  await page.waitForURL("**/notes");
  expect(requests).toBe(1);
});

test("a network that blinks is not noticed", async ({ page }) => {
  await page.route("**/api/session/sign-up", (route) => route.abort("connectionreset"), { times: 1 });
  await page.goto("/sign-up");
  await fillSignUp(page, somebody());
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("an account whose confirmation was lost is signed in to", async ({ page }) => {
  await page.route(
    "**/api/session/sign-up",
    async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    },
    { times: 1 },
  );
  await page.goto("/sign-up");
  await fillSignUp(page, somebody());
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("a network that is gone is told, and what was typed stays", async ({ page }) => {
  await page.route("**/api/session/sign-up", (route) => route.abort("connectionreset"));
  const person = somebody();
  await page.goto("/sign-up");
  await fillSignUp(page, person);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "The connection was lost." })).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue(person.email);

  await page.unroute("**/api/session/sign-up");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});

test("the keyboard alone is enough to sign up", async ({ page }) => {
  const person = somebody();
  await page.goto("/sign-up");
  await expect(page.getByRole("button", { name: "Create account" })).toBeEnabled();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  for (const text of [person.name, person.email, person.password]) {
    await page.keyboard.press("Tab");
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("type", "text");
  await expect(page.getByRole("button", { name: "Hide password" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Create account" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/notes$/);
});

test("a common password is said at its field, by the server's word, and another one does", async ({
  page,
}) => {
  await page.goto("/sign-up");
  await fillSignUp(page, { ...somebody(), password: "Password1" });
  await page.getByRole("button", { name: "Create account" }).click();
  const password = page.getByLabel("Password", { exact: true });
  await expect(page.getByRole("alert").filter({ hasText: "Fix 1 field" })).toContainText(
    "Password: Choose another one: this is among the most common passwords.",
  );
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(page).toHaveURL(/\/sign-up/);

  await password.fill("Correct1horse");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
});
