import { permissions } from "#contract/permissions.ts";
import { database } from "#server/database.ts";
import { recordEvent } from "#server/identity/audit.ts";
import { CommandError } from "#server/identity/key-rotation.ts";
import { auth } from "#server/identity/server.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { runCommand } from "./command.ts";

await runCommand(async ([email = "", role = ""]) => {
  const known = Object.keys(permissions.roles);
  if (!email || !known.includes(role))
    throw new CommandError(`usage: make role EMAIL=… ROLE=${known.join("|")}`);
  const { rows } = await database().query<{ id: string }>(
    'UPDATE auth."user" SET role = $2 WHERE email = lower($1) RETURNING id',
    [email, role],
  );
  const [user] = rows;
  if (!user) throw new CommandError(`there is no user ${email}`);
  await recordEvent((await auth().$context).adapter, {
    type: "role_changed",
    subjectId: user.id,
    details: role,
  });
  await revocationsInForce();
  console.log(`${email} is ${role} from the next request on`);
});
