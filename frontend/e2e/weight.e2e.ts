import { gzipSync } from "node:zlib";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, signUpElsewhere, test } from "./fixtures.ts";
import { measure, vitalsOf } from "./vitals.ts";

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

test("nothing moves while a page is loaded", async ({ adminPage: page, baseURL }) => {
  const { person } = await signUpElsewhere(String(baseURL));
  const { users } = await (await page.request.get(`/api/auth/admin/users?search=${person.email}`)).json();
  for (const title of ["One", "Two"]) {
    await page.request.post("/api/backend/notes", { data: { title }, headers: { origin: String(baseURL) } });
  }
  await measure(page);
  const pages = {
    "/lab": "Revoke a 30‑day token",
    "/notes": "Two",
    "/account": "Where you are signed in",
    "/admin": "Users",
    [`/admin/users/${users[0].id}`]: person.name,
    "/nowhere": "Page not found",
  };
  for (const [path, heading] of Object.entries(pages)) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: heading, exact: true })).toBeVisible();
    await expectStill(page, path);
  }
  await page.context().clearCookies();
  for (const path of ["/", "/sign-up", "/sign-in?reason=ended", "/forgot-password", "/reset-password"]) {
    await page.goto(path);
    await expectStill(page, path);
  }
});

test("what has arrived of a page stands where it will stay", async ({ signedInPage: page }) => {
  await page.goto("/notes");
  const aside = page.getByRole("complementary", { name: "Who am I" });
  await expect(aside.getByText("30 days")).toBeVisible();
  const placeOf = () => aside.evaluate((element) => element.getBoundingClientRect().toJSON());
  const { left, top, width } = await placeOf();
  await aside.evaluate((element) => element.nextElementSibling?.remove());
  expect(await placeOf()).toMatchObject({ left, top, width });
});

async function expectStill(page: Page, path: string): Promise<void> {
  // For what comes after the page: data, and what scripts add.
  await page.waitForLoadState("networkidle");
  const { shift } = await vitalsOf(page);
  console.log(`${path}: CLS ${shift.toFixed(4)}`);
  expect(shift, path).toBeLessThan(0.01);
}
