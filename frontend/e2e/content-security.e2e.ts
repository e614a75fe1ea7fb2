import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const PUBLIC = ["/", "/sign-in?reason=ended", "/sign-up", "/forgot-password", "/reset-password", "/nowhere"];
const SIGNED_IN = ["/notes", "/account"];

/** What the browser's policy has kept from running on the page. */
function violationsOf(page: Page): string[] {
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
  });
  page.on("pageerror", (error) => violations.push(String(error)));
  return violations;
}

/** Whether markup that somebody smuggled in gets to run a script. */
const runsInjected = (page: Page) =>
  page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    const image = document.createElement("div");
    image.innerHTML = '<img src="/nothing" onerror="window.injected = true">';
    document.body.append(image);
    await new Promise((resolve) => image.querySelector("img")?.addEventListener("error", resolve));
    return "injected" in window;
  });

async function expectStrict(page: Page, path: string): Promise<void> {
  const violations = violationsOf(page);
  const answer = await page.goto(path);
  await page.waitForLoadState("networkidle");
  expect(violations, path).toEqual([]);
  const policy = (await answer?.headerValue("content-security-policy")) ?? "";
  const scripts = policy.split("; ").find((directive) => directive.startsWith("script-src"));
  expect(scripts).toMatch(/'(nonce|sha256)-/);
  expect(scripts).not.toContain("unsafe");
  expect(await runsInjected(page), path).toBe(false);
}

for (const path of PUBLIC) {
  test(`${path} runs its own scripts and no others`, async ({ page }) => {
    await expectStrict(page, path);
  });
}

for (const path of SIGNED_IN) {
  test(`${path} runs its own scripts and no others, signed in`, async ({ signedInPage: page }) => {
    await expectStrict(page, path);
  });
}

test("two answers have two nonces; a page rendered beforehand has the same hashes", async ({ request }) => {
  const policies = async (path: string) => {
    const answers = [await request.get(path), await request.get(path)];
    return answers.map((answer) => answer.headers()["content-security-policy"]);
  };
  const [one, other] = await policies("/forgot-password");
  expect(one).not.toBe(other);
  const [first, second] = await policies("/sign-in");
  expect(first).toBe(second);
});

test("a chosen theme is there before any of the page's scripts has loaded", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  for (const path of ["/sign-in", "/forgot-password"]) {
    await page.goto(path);
    await page.evaluate(() => localStorage.setItem("theme", "dark"));
    await page.route("**/_next/**/*.js", (route) => route.abort());
    await page.goto(path, { waitUntil: "domcontentloaded" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.unroute("**/_next/**/*.js");
  }
});

test("who is signed in is led from the start page and the forms to the notes", async ({
  signedInPage: page,
}) => {
  for (const path of ["/", "/sign-in", "/sign-up"]) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/notes$/);
    await expect(page.getByText("Nothing here yet")).toBeVisible();
  }
});
