import { PUBLICATION_LEAD, VISIBLE_AFTER } from "better-auth-revocation/composition";
import { CommandError, describeKeys, retireKey, rotateKey } from "#server/identity/key-rotation.ts";
import { runCommand } from "./command.ts";

const USAGE = "usage: keys.ts list | rotate [--now] | retire KID";

async function list(): Promise<void> {
  console.table(
    (await describeKeys()).map(({ key, state, end }) => ({
      kid: key.id,
      algorithm: key.alg,
      state,
      created: key.createdAt.toISOString(),
      signs_until: key.expiresAt?.toISOString() ?? "",
      published_until: end?.toISOString() ?? "",
    })),
  );
}

async function rotate(option: string | undefined): Promise<void> {
  const created = await rotateKey(option === "--now" ? VISIBLE_AFTER / 1000 : PUBLICATION_LEAD);
  console.log(`key ${created.id} is published and signs from ${created.activatesAt?.toISOString()}`);
}

await runCommand(async ([command = "list", argument]) => {
  if (command === "list") return list();
  if (command === "rotate" && (!argument || argument === "--now")) return rotate(argument);
  if (command === "retire" && argument) {
    await retireKey(argument);
    console.log(`key ${argument} is withdrawn`);
    return;
  }
  throw new CommandError(USAGE);
});
