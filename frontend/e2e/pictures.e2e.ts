import { expect, fillSignUp, somebody, test } from "./fixtures.ts";

test.use({ viewport: { width: 1280, height: 920 }, colorScheme: "light", locale: "en-GB" });

/** With RECORD=1, against a running stack: `RECORD=1 npx playwright test e2e/pictures.e2e.ts`. */
test("the README's picture of the notes page", async ({ page }) => {
  await page.goto("/sign-up");
  await fillSignUp(page, { ...somebody(), email: `ada${Date.now() % 100_000}@example.com` });
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/notes$/);
  const form = page.getByRole("region", { name: "New note" });
  const notes = {
    "Questions for the review": "Who rotates the signing keys, and who is told?",
    "Revocation demo": "Sign out on the phone, and watch the next request be refused.",
  };
  for (const [title, text] of Object.entries(notes)) {
    await form.getByLabel("Title").fill(title);
    await form.getByLabel("Text").fill(text);
    await form.getByRole("button", { name: "Save note" }).click();
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
  }
  await expect(page.getByText("just now")).toHaveCount(2);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: `${import.meta.dirname}/screenshots/notes.png` });
});
