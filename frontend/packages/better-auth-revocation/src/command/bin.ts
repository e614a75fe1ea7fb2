#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { RevocationError } from "../errors.ts";
import { run, type Terminal } from "./run.ts";

const terminal: Terminal = {
  print: (text) => console.log(text),
  async confirm(question) {
    if (!process.stdin.isTTY)
      throw new RevocationError("nothing was done; add --yes to go on without being asked");
    const reader = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await reader.question(`${question} [y/N] `);
    reader.close();
    return /^y(es)?$/i.test(answer.trim());
  },
};

try {
  process.exit(await run(process.argv.slice(2), terminal));
} catch (error) {
  console.error(
    (error as Error | null)?.name === "RevocationError"
      ? `better-auth-revocation: ${(error as Error).message}`
      : error,
  );
  process.exit(1);
}
