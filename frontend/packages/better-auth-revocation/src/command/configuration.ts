import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { loadEnvFile } from "node:process";
import type { AuthContext, BetterAuthOptions } from "better-auth";
import { createJiti } from "jiti";
import type { Database } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import { type MigratedAuth, pluginSettings } from "../migration/of-auth.ts";
import type { AdapterDescription } from "../names/candidates.ts";
import type { Settings } from "../plugin/options.ts";
import { keysOf, type SigningKeys } from "../plugin/signing-keys.ts";

/** Where an application's Better Auth is looked for, beneath each of the folders below. */
const FOLDERS = [
  "",
  "src",
  "lib",
  "src/lib",
  "server",
  "src/server",
  "app",
  "src/app",
  "utils",
  "src/utils",
  "auth",
  "src/auth",
];
const NAMES = ["auth.ts", "auth.js", "auth.mjs", "auth.mts", "auth/index.ts"];
const ENV_FILES = [".env.local", ".env"];

/** An application's Better Auth, as its commands see it. */
export interface Configuration {
  options: BetterAuthOptions;
  settings: Settings;
  adapter(): Promise<AdapterDescription>;
  /** The keys that sign its tokens, changed by one at a time over `database`. */
  signingKeys(database: Database): Promise<SigningKeys>;
}

type LoadedAuth = MigratedAuth & { $context: Promise<Pick<AuthContext, "adapter" | "secretConfig">> };

/** Loads the module that exports `auth`, TypeScript or not, with the application's path aliases and `.env` files.
 * @throws RevocationError with the remedy */
export async function loadConfiguration(
  given: string | undefined,
  folder = process.cwd(),
): Promise<Configuration> {
  const path = findModule(given, folder);
  for (const file of ENV_FILES.map((name) => resolve(folder, name)).filter(existsSync)) loadEnvFile(file);
  const nothing = resolve(import.meta.dirname, "nothing.js");
  const jiti = createJiti(resolve(folder, "package.json"), {
    tsconfigPaths: true,
    // Guards of bundlers, which refuse to be loaded anywhere else.
    alias: { "server-only": nothing, "client-only": nothing },
  });
  const loaded = await jiti.import<{ auth?: unknown; default?: unknown }>(path).catch((error: Error) => {
    throw new RevocationError(
      `${path} can't be loaded: ${error.message.split("\n", 1)[0]}; correct it, or name another with --config`,
    );
  });
  const auth = [loaded.auth, loaded.default].find(isAuth);
  if (!auth)
    throw new RevocationError(
      `${path} exports no \`auth\` made by betterAuth(); export it, or name another with --config`,
    );
  const settings = pluginSettings(auth.options);
  return {
    options: auth.options,
    settings,
    adapter: async () => (await auth.$context).adapter,
    signingKeys: async (database) => keysOf(settings, database, await auth.$context),
  };
}

function findModule(given: string | undefined, folder: string): string {
  if (given !== undefined) {
    const path = resolve(folder, given);
    if (existsSync(path)) return path;
    throw new RevocationError(`there is no ${given}; name the file that exports \`auth\` with --config`);
  }
  const places = FOLDERS.flatMap((place) => NAMES.map((name) => resolve(folder, place, name)));
  const found = places.find(existsSync);
  if (found === undefined)
    throw new RevocationError("no auth.ts was found here; name the file that exports `auth` with --config");
  return found;
}

const isAuth = (value: unknown): value is LoadedAuth => {
  const { options, $context } = Object(value) as Partial<MigratedAuth>;
  return typeof options === "object" && $context !== undefined;
};
