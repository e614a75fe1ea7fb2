import { defineConfig } from "vitest/config";
import { TEST_ENVIRONMENT } from "./test/environment.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "packages/*/{src,test}/**/*.test.ts"],
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
