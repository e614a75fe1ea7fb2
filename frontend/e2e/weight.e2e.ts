import { gzipSync } from "node:zlib";
import type { APIRequestContext } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

/** Bytes of gzip that a page may name in its HTML. An empty Next.js application has 139 kB of script. */
const LIMITS = {
  "/": { script: 145_000, style: 15_000 },
  "/sign-in": { script: 170_000, style: 15_000 },
  "/sign-up": { script: 170_000, style: 15_000 },
  "/notes": { script: 185_000, style: 15_000 },
  "/account": { script: 185_000, style: 15_000 },
  "/lab": { script: 185_000, style: 15_000 },
} as const;

/** What a modern browser loads of a page's own files, each as small as it is sent. */
async function weigh(request: APIRequestContext, path: string): Promise<{ script: number; style: number }> {
  const html = await (await request.get(path, { maxRedirects: 0 })).text();
  const tags = [...html.matchAll(/<(?:script|link)\b[^>]*>/gi)].map(([tag]) => tag);
  const files = (pattern: RegExp) =>
    new Set(tags.filter((tag) => !/nomodule/i.test(tag)).flatMap((tag) => pattern.exec(tag)?.[1] ?? []));
  const sum = async (addresses: Set<string>) => {
    let total = 0;
    for (const address of addresses) total += gzipSync(await (await request.get(address)).body()).byteLength;
    return total;
  };
  return {
    script: await sum(files(/^<script\b[^>]*\bsrc="([^"]+\.js[^"]*)"/i)),
    style: await sum(files(/^<link\b[^>]*\bhref="([^"]+\.css[^"]*)"/i)),
  };
}

for (const [path, limit] of Object.entries(LIMITS)) {
  test(`${path} loads no more than it may`, async ({ request, page, person, baseURL }) => {
    void baseURL;
    void person;
    const client = ["/notes", "/account"].includes(path) ? page.request : request;
    const { script, style } = await weigh(client, path);
    test.info().annotations.push({ type: "gzip bytes", description: `script ${script}, style ${style}` });
    console.log(`${path}: script ${script}, style ${style}`);
    expect(script, "the page's scripts were found").toBeGreaterThan(100_000);
    expect(script).toBeLessThanOrEqual(limit.script);
    expect(style, "the page's styles were found").toBeGreaterThan(5_000);
    expect(style).toBeLessThanOrEqual(limit.style);
  });
}

test("nothing moves while the notes are loaded, and they are there soon", async ({
  signedInPage: page,
  baseURL,
}) => {
  for (const title of ["One", "Two"]) {
    await page.request.post("/api/backend/notes", { data: { title }, headers: { origin: String(baseURL) } });
  }
  await page.addInitScript(() => {
    const seen = { shift: 0, paint: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
        seen.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      seen.paint = list.getEntries().at(-1)?.startTime ?? seen.paint;
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
  await page.goto("/notes");
  await expect(page.getByRole("heading", { name: "Two" })).toBeVisible();
  await page.waitForTimeout(500);
  const { shift, paint } = await page.evaluate(
    () => (window as unknown as { seen: { shift: number; paint: number } }).seen,
  );
  console.log(`/notes: LCP ${Math.round(paint)} ms, CLS ${shift.toFixed(4)}`);
  expect(shift).toBeLessThan(0.01);
});
