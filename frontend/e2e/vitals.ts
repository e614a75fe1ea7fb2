import type { Page } from "@playwright/test";

export interface Vitals {
  /** Cumulative layout shift. */
  shift: number;
  /** Largest contentful paint, in milliseconds. */
  paint: number;
}

/** Begins to measure every page that is opened from now on. */
export async function measure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { shift: 0, paint: 0 };
    Object.assign(window, { seen });
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries() as Shift[])
        if (!hadRecentInput) seen.shift += value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      seen.paint = list.getEntries().at(-1)?.startTime ?? seen.paint;
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
}

/** Milliseconds until the page's first byte came. */
export const firstByteOf = (page: Page): Promise<number> =>
  page.evaluate(() => performance.getEntriesByType("navigation")[0]?.toJSON().responseStart as number);

/** What was measured since the page was opened. */
export const vitalsOf = (page: Page): Promise<Vitals> =>
  page.evaluate(() => (window as unknown as { seen: Vitals }).seen);
