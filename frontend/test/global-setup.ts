import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { TEST_ENVIRONMENT } from "./environment.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated database, to be copied; and the superuser, who may copy it. */
    postgres: { owner: string; superuser: string };
  }
}

/** The package as the application imports it, and one Postgres for the whole run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await promisify(execFile)(".venv/bin/python", ["-m", "scripts.package"], {
    cwd: import.meta.dirname.replace(/\/frontend\/test$/, ""),
  });
  const server = spawn("../.venv/bin/python", ["test/postgres.py"], {
    cwd: import.meta.dirname.replace(/\/test$/, ""),
    env: { ...process.env, ...TEST_ENVIRONMENT, DATABASE_URL: "" },
  });
  let said = "";
  server.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const exited = once(server, "exit");
  const [line] = await Promise.race([once(createInterface(server.stdout), "line"), exited.then(() => [])]);
  if (typeof line !== "string") throw new Error(`the database did not start:\n${said}`);
  project.provide("postgres", JSON.parse(line));
  return async () => {
    server.stdin.end();
    await exited;
  };
}
