import { defineConfig } from "vitest/config";
import { TEST_ENVIRONMENT } from "./test/environment.ts";

export default defineConfig({
  // The guard is for browsers' bundles; see scripts/allow-server-only.ts.
  resolve: { alias: { "server-only": "next/dist/compiled/server-only/empty.js" } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "packages/*/{src,test}/**/*.test.ts"],
    // They install and build applications of their own; `make test-all` runs them.
    exclude: process.env["LONG_TESTS"]
      ? []
      : ["adoption", "examples", "next", "prisma"].map((name) => `packages/*/test/${name}.test.ts`),
    globalSetup: ["test/global-setup.ts"],
    env: TEST_ENVIRONMENT,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    // What the code logs on purpose is asserted where it matters.
    silent: "passed-only",
  },
});
