import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test, writeNote } from "./fixtures.ts";

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: "light", viewport: { width: 360, height: 740 }, hasTouch: true },
  "forced colours": { forcedColors: "active", viewport: { width: 1280, height: 800 } },
} as const;

/** With `dialog`, only that is looked at: the page behind an open one is hidden from everybody. */
async function expectAccessible(page: Page, dialog?: "dialog"): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (dialog ? axe.include(`dialog[open]`) : axe).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, "the page scrolls sideways").toBeLessThanOrEqual(0);
}

for (const [look, options] of Object.entries(LOOKS)) {
  test.describe(look, () => {
    test.use({ ...options, contextOptions: { reducedMotion: "reduce" } });

    test("pages for everybody", async ({ page }) => {
      for (const path of [
        "/",
        "/sign-up",
        "/sign-in?reason=ended",
        "/forgot-password",
        "/reset-password",
        "/nowhere",
      ]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("button", { disabled: true })).toHaveCount(0);
        await expectAccessible(page);
      }
    });

    test("a form with errors", async ({ page }) => {
      await page.goto("/sign-up");
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByLabel("Name")).toBeFocused();
      await expectAccessible(page);
    });

    test("notes, while reading, changing and deleting", async ({ page, person }) => {
      await page.goto("/notes");
      await writeNote(page, "A title", "Some text");
      await expect(page.getByRole("complementary", { name: "Who am I" })).toContainText(person.name);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Edit A title" }).click();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Delete A title" }).click();
      await expect(page.getByRole("alertdialog")).toBeVisible();
      await expectAccessible(page, "dialog");
    });

    test("account and administration", async ({ adminPage: page }) => {
      await page.goto("/account");
      await expect(page.getByText("This device")).toBeVisible();
      await expect(page.getByText("Account created")).toBeVisible();
      await expectAccessible(page);
      await page.goto("/admin");
      await expect(page.getByRole("button", { name: "Suspend" }).first()).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Suspend" }).first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectAccessible(page, "dialog");
    });
  });
}

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
