import { parseArgs } from "node:util";
import type { Database } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import { LOCK_TIMEOUT, migrate, plan, planUninstall, uninstall } from "../migration/migrate.ts";
import { databaseOf, installationOf } from "../migration/of-auth.ts";
import type { Plan, Step } from "../migration/plan.ts";
import { readerGrants } from "../migration/privileges.ts";
import { settingsFor, takeTurn } from "../migration/transaction.ts";
import type { SigningKey, SigningKeys } from "../plugin/signing-keys.ts";
import { faultOf, Store } from "../plugin/store.ts";
import type { Installation } from "../sql/names.ts";
import { type Configuration, loadConfiguration } from "./configuration.ts";

export const USAGE = `usage: better-auth-revocation COMMAND [--config FILE] [--database ADDRESS]

  migrate [--yes]     install, upgrade or repair, after showing what would be done
  sql                 print what migrate would run, for your own migration tool
  status              say what is missing; exit status 1 if anything is
  grants --role ROLE  print the statements that let a database role follow the feed
  keys                list the keys that sign, and what each does at present
  keys rotate         publish a new key, which signs after 15 minutes; the present ones verify until their last token expires
  keys retire KID     withdraw a key: every token that it signed is refused
  keys replace        replace every key within seconds, for when one has leaked
  uninstall [--yes]   remove all that migrate has made`;

/** What a command says, and what it may ask. */
export interface Terminal {
  print(text: string): void;
  /** Asks whether to go on. */
  confirm(question: string): Promise<boolean>;
}

const OPTIONS = {
  config: { type: "string" },
  database: { type: "string" },
  role: { type: "string" },
  yes: { type: "boolean", short: "y" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs a command line; returns its exit status.
 * @throws RevocationError for what can't be done */
export async function run(args: string[], terminal: Terminal, folder?: string): Promise<number> {
  const { command, rest, values } = parse(args);
  if (values.help || command === undefined) {
    terminal.print(USAGE);
    return values.help ? 0 : 2;
  }
  const work = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!work) throw new RevocationError(`there is no command ${command}; see --help`);
  const configuration = await loadConfiguration(values.config, folder);
  const { options, settings } = configuration;
  const database = databaseOf(options, settings, values.database);
  try {
    return await work({
      configuration,
      database,
      terminal,
      rest,
      yes: values.yes ?? false,
      role: values.role,
    });
  } finally {
    await database.end();
  }
}

function parse(args: string[]) {
  try {
    const { positionals, values } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    const [command, ...rest] = positionals;
    return { command, rest, values };
  } catch (error) {
    throw new RevocationError(`${(error as Error).message.split(". ", 1)[0]}; see --help`);
  }
}

type Call = {
  configuration: Configuration;
  database: Database;
  terminal: Terminal;
  /** What stands after the command. */
  rest: string[];
  yes: boolean;
  role: string | undefined;
};

const wantedBy = async ({
  configuration: { options, settings, adapter },
  database,
}: Call): Promise<Installation> => installationOf(options, await adapter(), settings, database);

const nothingToDo = ({ isLater }: Plan): string =>
  `nothing to do: ${isLater ? "a later version is installed, which serves this one too" : "all is as it should be"}`;

const COMMANDS: Record<string, (call: Call) => Promise<number>> = {
  async migrate(call) {
    const wanted = await wantedBy(call);
    const shown = await plan(call.database, wanted);
    if (!shown.record.length) return say(call, nothingToDo(shown));
    if (!(await agreed(call, shown.steps))) return 1;
    await migrate(call.database, wanted, { shown });
    return say(call, "done");
  },
  async sql(call) {
    const planned = await plan(call.database, await wantedBy(call));
    const { steps, record } = planned;
    if (!record.length) return say(call, `-- ${nothingToDo(planned)}`);
    const statements = [
      "BEGIN",
      takeTurn(call.configuration.settings.schema),
      ...settingsFor(LOCK_TIMEOUT),
      ...steps.map(({ sql }) => sql),
      ...record,
      "COMMIT",
    ];
    return say(call, `${statements.join(";\n\n")};`);
  },
  async status(call) {
    const { settings } = call.configuration;
    const fault = faultOf(await new Store(call.database, settings.schema).readiness(), settings.lifetime);
    call.terminal.print(fault ?? "all is as it should be");
    return fault ? 1 : 0;
  },
  async grants(call) {
    if (!call.role) throw new RevocationError("grants needs a role; give its name with --role");
    return say(
      call,
      readerGrants(call.configuration.settings.schema, call.role)
        .map((one) => `${one};`)
        .join("\n"),
    );
  },
  async keys(call) {
    const keys = await call.configuration.signingKeys(call.database);
    const [action = "list", id = "", ...more] = call.rest;
    if (more.length || (id !== "") !== (action === "retire")) throw new RevocationError(KEYS_USAGE);
    switch (action) {
      case "list":
        return say(call, (await keys.list()).map((key) => describeKey(key, keys)).join("\n"));
      case "rotate": {
        const { id: kid, activatesAt } = await keys.rotate();
        return say(call, `key ${kid} is published and signs from ${activatesAt?.toISOString()}`);
      }
      case "retire":
        await keys.retire(id);
        return say(call, `key ${id} is withdrawn`);
      case "replace":
        return say(call, `key ${(await keys.replace()).id} signs; every other is withdrawn`);
      default:
        throw new RevocationError(KEYS_USAGE);
    }
  },
  async uninstall(call) {
    const { schema } = call.configuration.settings;
    if (!(await agreed(call, await planUninstall(call.database, schema)))) return 1;
    await uninstall(call.database, schema);
    return say(call, "done");
  },
};

const KEYS_USAGE = "keys takes nothing, rotate, retire KID or replace; see --help";

function describeKey(key: SigningKey, keys: SigningKeys): string {
  const end = keys.endOf(key);
  return [key.id, key.alg ?? "EdDSA", keys.stateOf(key), end && `published until ${end.toISOString()}`]
    .filter(Boolean)
    .join("  ");
}

function say({ terminal }: Call, text: string): number {
  terminal.print(text);
  return 0;
}

async function agreed({ terminal, yes }: Call, steps: Step[]): Promise<boolean> {
  terminal.print(steps.map(({ title }) => title).join("\n") || "record the present state");
  return yes || terminal.confirm("Go on?");
}
