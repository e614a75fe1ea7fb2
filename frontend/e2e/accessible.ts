import { mkdir } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

type Look = {
  colorScheme: "light" | "dark";
  forcedColors?: "active";
  width: number;
  height: number;
  /** Only colours are other ones than in the light, or only the width of the light is. */
  differsBy?: "colours" | "width";
  /** A picture of it is kept. */
  isKept?: boolean;
};

/** What axe has to say of colours. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** How a page is looked at. 640 pixels: a window of 1,280 at a zoom of 200 %. */
const LOOKS: Record<string, Look> = {
  "forced-colours": {
    colorScheme: "light",
    forcedColors: "active",
    width: 1280,
    height: 800,
    differsBy: "colours",
  },
  dark: { colorScheme: "dark", width: 1280, height: 800, differsBy: "colours", isKept: true },
  phone: { colorScheme: "light", width: 360, height: 740, isKept: true },
  zoomed: { colorScheme: "light", width: 640, height: 400, differsBy: "width" },
  light: { colorScheme: "light", width: 1280, height: 800, isKept: true },
};

/** Where the pictures of a run are kept. */
const PICTURES = `${import.meta.dirname}/../screenshots`;

/** No violation that axe finds, nothing to scroll sideways for, and nothing that a zoomed page lacks, in every look. The page
 * is left in the light. With `name`, pictures are kept. In front of an open dialog, only that is looked at: what is behind
 * it is hidden from everybody. */
export async function expectAccessible(page: Page, name?: string): Promise<void> {
  const before = page.viewportSize();
  const wide = await contentOf(page);
  for (const [look, { width, height, differsBy, isKept, ...media }] of Object.entries(LOOKS)) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ forcedColors: null, ...media, reducedMotion: "reduce" });
    const hasDialog = (await page.locator("dialog[open]").count()) > 0;
    if (differsBy !== "width") {
      const axe = new AxeBuilder({ page });
      if (differsBy) axe.withRules(COLOURS);
      if (hasDialog) axe.include("dialog[open]");
      const { violations } = await axe.analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      expect(found, `${name ?? page.url()}, ${look}`).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${name ?? page.url()}, ${look}: it scrolls sideways`).toBeLessThanOrEqual(0);
    if (look === "zoomed") {
      const narrow = new Set(await contentOf(page));
      expect(
        wide.filter((part) => !narrow.has(part)),
        `${name ?? page.url()}: lost when zoomed`,
      ).toEqual([]);
    }
    if (name && isKept) {
      await mkdir(`${PICTURES}/${look}`, { recursive: true });
      await page.screenshot({ path: `${PICTURES}/${look}/${name}.png`, fullPage: !hasDialog });
    }
  }
  if (before) await page.setViewportSize(before);
}

/** The headings and all that can be used, by what they say. */
const contentOf = (page: Page): Promise<string[]> =>
  page
    .locator("h1, h2, h3, a, button, label, input, textarea, select")
    .evaluateAll((elements) =>
      elements
        .filter((element) => element.checkVisibility())
        .map(
          (element) => `${element.localName} ${element.getAttribute("aria-label") ?? element.textContent}`,
        ),
    );
