import { permissions } from "#generated/permissions.ts";
import { recordEvent } from "#lib/auth/audit.ts";
import { CommandError } from "#lib/auth/key-rotation.ts";
import { auth } from "#lib/auth/server.ts";
import { database } from "#lib/database.ts";
import { revocationsInForce } from "#lib/revocation/in-force.ts";
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
