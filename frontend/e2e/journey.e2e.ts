import type { Locator, Page } from "@playwright/test";
import { expect, somebody, test } from "./fixtures.ts";

/** How a person gets to something on the page, and how they press it. */
type Hands = {
  reach: (target: Locator) => Promise<void>;
  press: (target: Locator) => Promise<void>;
};

const byMouse: Hands = { reach: (target) => target.click(), press: (target) => target.click() };
const byTouch: Hands = { reach: (target) => target.tap(), press: (target) => target.tap() };
const byKeyboard: Hands = {
  reach: tabTo,
  async press(target) {
    await tabTo(target);
    await target.page().keyboard.press("Enter");
  },
};

const WAYS = {
  "on a phone": {
    hands: byTouch,
    use: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  },
  "at a zoom of 200 %": {
    hands: byMouse,
    use: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  },
  "by keyboard alone": { hands: byKeyboard, use: { viewport: { width: 1280, height: 720 } } },
};

/** Goes on with the Tab key until `target` has the focus. */
async function tabTo(target: Locator): Promise<void> {
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 60; presses++) {
    await target.page().keyboard.press("Tab");
    if (await isThere()) return;
  }
  throw new Error(`The Tab key does not lead to ${target}`);
}

async function type(hands: Hands, target: Locator, text: string): Promise<void> {
  await hands.reach(target);
  await target.page().keyboard.press("ControlOrMeta+A");
  await target.page().keyboard.type(text);
}

/** Scripts run on the page from here on. */
const isAlive = (page: Page) => expect(page.locator("form[novalidate]").first()).toBeAttached();

for (const [how, { hands, use }] of Object.entries(WAYS)) {
  test.describe(how, () => {
    test.use(use);

    test(`a person comes, writes, changes their mind and goes, ${how}`, async ({ page }) => {
      const button = (name: string) => page.getByRole("button", { name, exact: true });
      const { email, password } = somebody();
      await page.goto("/");
      await hands.press(page.getByRole("link", { name: "Create an account" }));
      await expect(page).toHaveURL(/\/sign-up$/);
      await isAlive(page);
      await type(hands, page.getByLabel("Name"), "Ada Lovelace");
      await type(hands, page.getByLabel("E-mail address"), email);
      await type(hands, page.getByLabel("Password", { exact: true }), password);
      await hands.press(button("Create account"));

      await expect(page.getByText("Nothing here yet")).toBeVisible();
      await isAlive(page);
      await type(hands, page.getByLabel("Title"), "A first thought");
      await hands.press(button("Save note"));
      await hands.press(button("Edit A first thought"));
      const list = page.getByRole("region", { name: "Your notes" });
      await expect(list.getByLabel("Title")).toBeFocused();
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type("A second thought");
      await hands.press(button("Save changes"));
      await hands.press(button("Delete A second thought"));
      await hands.press(page.getByRole("alertdialog").getByRole("button", { name: "Delete note" }));
      await expect(page.getByText("Nothing here yet")).toBeVisible();

      await hands.press(page.getByRole("link", { name: "Account" }));
      await expect(page.getByText("This device")).toBeVisible();
      await type(hands, page.getByRole("textbox", { name: "Name" }), "Ada King");
      await hands.press(button("Save name"));
      await expect(page.getByText("Your name is saved.")).toBeVisible();
      await hands.press(button("Delete account"));
      await type(hands, page.getByRole("dialog").getByLabel("Your password", { exact: true }), password);
      await hands.press(button("Delete my account"));
      await expect(page.getByText("Your account is deleted")).toBeVisible();
    });
  });
}
