import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export const ROOT = join(import.meta.dirname, "../../../..");
export const PYTHON = join(ROOT, ".venv/bin/python");

export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The first value that `look` gives, asked again for ten seconds or as many milliseconds as given. */
export async function until<T>(look: () => Promise<T | undefined>, patience = 10_000): Promise<T> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(5);
  }
  throw new Error("it did not come");
}

/** Characters of output that are kept for an error. */
const KEPT = 4_000;

/** Programs that a test has started, and ends with it. */
export class Programs {
  readonly #running: ChildProcess[] = [];
  #output = "";

  start(cwd: string, program: string, args: string[], env: Record<string, string>): void {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env } });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        this.#output = (this.#output + chunk).slice(-KEPT);
      });
    }
    this.#running.push(child);
  }

  /** Resolves once `address` is answered with a success; when it is not in time, the programs' output is the error. */
  async answering(address: string, patience?: number): Promise<void> {
    let last = "no answer";
    const look = async () => {
      const answer = await fetch(address);
      last = `${answer.status} ${await answer.text()}`.slice(0, KEPT);
      return answer.ok || undefined;
    };
    await until(look, patience).catch(() => {
      throw new Error(`${address}: ${last}\n${this.#output}`);
    });
  }

  end(): void {
    for (const child of this.#running) child.kill();
  }
}

/** Runs a program to its end; its output is the error when it fails. */
export async function run(cwd: string, program: string, args: string[], env: Record<string, string> = {}) {
  await promisify(execFile)(program, args, { cwd, env: { ...process.env, ...env } }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(error.stdout + error.stderr);
    },
  );
}

/** What `next` runs by. */
export const NEXT = join(ROOT, "frontend/node_modules/next/dist/bin/next");
