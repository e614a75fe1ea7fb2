import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);
const PACKAGE = join(import.meta.dirname, "..");
const MODULES = join(PACKAGE, "../../node_modules");
const TSC = join(MODULES, "typescript/bin/tsc");

/** An application that has installed the package as it would be published. */
export interface Application {
  folder: string;
  write(files: Record<string, string>): Promise<void>;
  /** Runs `npx better-auth-revocation` there; never fails, but tells the exit status. */
  command(...args: string[]): Promise<{ status: number; output: string }>;
  /** Checks the types of what was written. */
  checkTypes(): Promise<void>;
  remove(): Promise<void>;
}

/** Builds the package, packs it, and unpacks it into an application whose other packages are those of the workspace. */
export async function applicationWithPackage(): Promise<Application> {
  const folder = await mkdtemp(join(PACKAGE, ".application-"));
  const installed = join(folder, "node_modules/better-auth-revocation");
  await mkdir(installed, { recursive: true });
  await exec(process.execPath, [
    TSC,
    "-p",
    join(PACKAGE, "tsconfig.build.json"),
    "--outDir",
    join(PACKAGE, "dist"),
  ]);
  await exec("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: PACKAGE,
    env: { ...process.env, PATH: `${join(PACKAGE, "../../../.venv/bin")}:${process.env["PATH"]}` },
  });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "";
  await exec("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components", "1"]);
  return {
    folder,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
      }
    },
    command: (...args) =>
      exec(process.execPath, [join(installed, "dist/command/bin.js"), ...args], { cwd: folder }).then(
        ({ stdout }) => ({ status: 0, output: stdout }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          status: error.code,
          output: error.stdout + error.stderr,
        }),
      ),
    checkTypes: async () => {
      await exec(process.execPath, [TSC, "-p", folder]).catch((error: { stdout: string }) => {
        throw new Error(error.stdout);
      });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
