import { expect, test } from "vitest";
import { parseEnv } from "#server/env.ts";
import { assertLabConfigured } from "#server/lab/configured.ts";

const LAB = {
  LAB_ENABLED: "true",
  LAB_PROCESSES: "http://127.0.0.1:8101, http://127.0.0.1:8102",
  LAB_CREDENTIAL: "0123456789abcdef0123456789abcdef",
};

const settings = (changes: Record<string, string | undefined>) =>
  parseEnv({ ...process.env, DATABASE_URL: "postgresql://owner@db.example.com/app", ...LAB, ...changes });

test("a lab that is configured whole starts", () => {
  expect(() => assertLabConfigured(settings({}))).not.toThrow();
  expect(settings({}).LAB_PROCESSES).toEqual(["http://127.0.0.1:8101", "http://127.0.0.1:8102"]);
});

test.each(["LAB_PROCESSES", "LAB_CREDENTIAL"])("a lab without %s does not, and no lab does", (name) => {
  expect(() => assertLabConfigured(settings({ [name]: undefined }))).toThrow(`${name} is missing`);
  const off = settings({ [name]: undefined, LAB_ENABLED: "false" });
  expect(() => assertLabConfigured(off)).not.toThrow();
});
