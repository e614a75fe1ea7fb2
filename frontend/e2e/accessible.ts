import { mkdir } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

type Look = {
  colorScheme: "light" | "dark";
  forcedColors?: "active";
  width: number;
  height: number;
  /** A picture of it is kept. */
  isKept?: boolean;
};

/** How a page is looked at. 640 pixels: a window of 1,280 at a zoom of 200 %. */
const LOOKS: Record<string, Look> = {
  "forced-colours": { colorScheme: "light", forcedColors: "active", width: 1280, height: 800 },
  dark: { colorScheme: "dark", width: 1280, height: 800, isKept: true },
  phone: { colorScheme: "light", width: 360, height: 740, isKept: true },
  zoomed: { colorScheme: "light", width: 640, height: 400 },
  light: { colorScheme: "light", width: 1280, height: 800, isKept: true },
};

/** Whether a zoomed page is given to axe, too, which seldom finds there what it does not on a phone. */
const ALL = Boolean(process.env["STATES"]);

/** Where the pictures of a run are kept. */
const PICTURES = `${import.meta.dirname}/../screenshots`;

/** What has to have an edge where forced colours take its background away. */
const EDGED = ".button, .chip, .dialog[open], .input, .textarea";

/** No violation of any rule of axe, nothing to scroll sideways for, nothing that a zoomed page lacks and no control without an
 * edge, in every look. The page is left in the light. With `name`, pictures are kept. In front of an open dialog, only that
 * is looked at: what is behind it is hidden from everybody. */
export async function expectAccessible(page: Page, name?: string): Promise<void> {
  const before = page.viewportSize();
  const wide = await contentOf(page);
  for (const [look, { width, height, isKept, ...media }] of Object.entries(LOOKS)) {
    const seen = `${name ?? page.url()}, ${look}`;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ forcedColors: null, ...media, reducedMotion: "reduce" });
    const hasDialog = (await page.locator("dialog[open]").count()) > 0;
    if (look !== "zoomed" || ALL) expect(await violationsIn(page, hasDialog), seen).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${seen}: it scrolls sideways`).toBeLessThanOrEqual(0);
    if (look === "zoomed") {
      const narrow = new Set(await contentOf(page));
      expect(
        wide.filter((part) => !narrow.has(part)),
        `${seen}: lost`,
      ).toEqual([]);
    }
    if (media.forcedColors) expect(await withoutEdge(page), `${seen}: no edge`).toEqual([]);
    if (name && isKept) {
      await mkdir(`${PICTURES}/${look}`, { recursive: true });
      await page.screenshot({ path: `${PICTURES}/${look}/${name}.png`, fullPage: !hasDialog });
    }
  }
  if (before) await page.setViewportSize(before);
}

async function violationsIn(page: Page, hasDialog: boolean): Promise<string[]> {
  const axe = new AxeBuilder({ page })
    // There are no frames: axe needs no page of its own to put their findings together.
    .setLegacyMode()
    .options({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
  if (hasDialog) axe.include("dialog[open]");
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

const withoutEdge = (page: Page): Promise<string[]> =>
  page.locator(EDGED).evaluateAll((controls) =>
    controls
      .filter((control) => control.checkVisibility())
      .filter((control) => getComputedStyle(control).borderTopWidth === "0px")
      .map((control) => control.outerHTML),
  );

/** The headings and all that can be used, by what they say. */
const contentOf = (page: Page): Promise<string[]> =>
  page.locator("h1, h2, h3, a, button, label, input, textarea, select").evaluateAll((elements) =>
    elements
      .filter((element) => element.checkVisibility())
      .map((element) => `${element.localName} ${element.getAttribute("aria-label") ?? element.textContent}`)
      // Numbers may go on with the time.
      .map((words) => words.replace(/\d.*/, "")),
  );
