import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/* The stack runs already: BASE_URL is the web's address, API_URL the API's. */
const installed = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync);
const system = process.env["CHROMIUM_PATH"] ?? installed;
/** Whether the pages' processor is slowed down (`fixtures.ts`). */
const slow = process.env["SLOW"] !== undefined;
const asRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.e2e.ts",
  testIgnore: [
    // It needs LAB_ENABLED, and a machine that does nothing else.
    ...(process.env["LAB"] ? [] : ["lab.e2e.ts"]),
    // It measures time, on a machine that does nothing else.
    ...(process.env["SPEED"] ? [] : ["speed.e2e.ts"]),
    // It takes long.
    ...(process.env["STATES"] ? [] : ["states.e2e.ts"]),
    // It makes the README's pictures anew.
    ...(process.env["RECORD"] ? [] : ["pictures.e2e.ts"]),
  ],
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env["CI"]),
  timeout: slow ? 300_000 : 60_000,
  expect: { timeout: slow ? 60_000 : 10_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env["BASE_URL"] ?? "http://localhost:3000",
    locale: "en-GB",
    // A trace of every test costs a fifth of the suite's time.
    trace: process.env["TRACE"] ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(system && { executablePath: system }),
      args: [
        ...(asRoot ? ["--no-sandbox"] : []),
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
      ],
    },
  },
});
