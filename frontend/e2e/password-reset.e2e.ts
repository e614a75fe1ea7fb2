import { startMailServer, tokenIn } from "../test/mail-server.ts";
import { API_URL, expect, fillSignIn, somebody, test } from "./fixtures.ts";

/* One of them needs a mail server at an address at which the other one needs none. */
test.describe.configure({ mode: "serial" });

test("a forgotten password is replaced by a link, and whoever was in is out", async ({
  page,
  person,
  request,
  baseURL,
}) => {
  const mail = await startMailServer(Number(new URL(String(process.env["SMTP_URL"])).port));
  const held = await request.post(`${API_URL}/api/auth/sign-in`, { data: person });
  const { access_token: token } = await held.json();
  const me = () => request.get(`${API_URL}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  expect((await me()).status()).toBe(200);

  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Set a new one" }).click();
  await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
  await page.getByLabel("E-mail address").fill(person.email);
  const arrival = mail.next();
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("Check your inbox and spam folder")).toBeVisible();
  const link = `${baseURL}/reset-password#${tokenIn(await arrival)}`;
  await mail.close();

  await page.goto(link);
  await expect(page).toHaveURL(/\/reset-password$/);
  await page.reload();
  const entry = page.getByLabel("New password", { exact: true });
  await entry.fill("weak");
  await page.getByRole("button", { name: "Set the new password" }).click();
  await expect(entry).toHaveAttribute("aria-invalid", "true");
  await entry.fill("Brand1newhorse");
  await page.getByRole("button", { name: "Set the new password" }).click();
  await expect(page.getByText("Your new password is set")).toBeVisible();

  expect((await me()).status()).toBe(401);
  await fillSignIn(page, { ...person, password: "Brand1newhorse" });
  await page.getByRole("button", { name: "Sign in" }).click();
  // Until its own calls are answered the page may still go to sign-in by itself, once it has no cookies.
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Who am I" })).toContainText(person.email);

  await page.context().clearCookies();
  await page.goto(link);
  await entry.fill("Third1newhorse");
  await page.getByRole("button", { name: "Set the new password" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "This link has been used" })).toBeVisible();
  await page.reload();
  await expect(page.getByText("Open the link in your e-mail")).toBeVisible();
  await expect(page.getByText("has been used")).toHaveCount(0);
});

test("while no mail can be sent, a person is told so", async ({ page }) => {
  await page.goto("/forgot-password");
  await page.getByLabel("E-mail address").fill(somebody().email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "can’t be sent right now" })).toBeVisible();
});
