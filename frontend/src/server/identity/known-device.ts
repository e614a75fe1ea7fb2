import { randomBytes } from "node:crypto";
import type { GenericEndpointContext } from "better-auth";
import { tagOf } from "#server/identity/tag.ts";

/** Accounts that one device is remembered for; the latest ones. */
const ACCOUNTS = 5;
const YEAR = 365 * 86_400;

/** A device by which somebody has signed in before. */
export type KnownDevice = { id: string; accounts: string[] };

const accountTag = (email: string) => tagOf("known-device", email).slice(0, 16);

const cookieOf = ({ context }: GenericEndpointContext) =>
  context.createAuthCookie("known_device", { maxAge: YEAR });

async function readDevice(ctx: GenericEndpointContext): Promise<KnownDevice | undefined> {
  const value = await ctx.getSignedCookie(cookieOf(ctx).name, ctx.context.secret);
  if (!value) return undefined;
  const [id = "", ...accounts] = value.split("~");
  return { id, accounts };
}

/** The device that the request comes from, if the account of `email` was signed in to on it. */
export async function knownDevice(
  ctx: GenericEndpointContext,
  email: string,
): Promise<KnownDevice | undefined> {
  const device = await readDevice(ctx);
  return device?.accounts.includes(accountTag(email)) ? device : undefined;
}

/** Remembers, in a signed cookie that no script can read, that the account was signed in to on this device. */
export async function rememberDevice(ctx: GenericEndpointContext, email: string): Promise<void> {
  const { id, accounts } = (await readDevice(ctx)) ?? {
    id: randomBytes(12).toString("base64url"),
    accounts: [],
  };
  const tag = accountTag(email);
  const latest = [tag, ...accounts.filter((other) => other !== tag)].slice(0, ACCOUNTS);
  const { name, attributes } = cookieOf(ctx);
  await ctx.setSignedCookie(name, [id, ...latest].join("~"), ctx.context.secret, attributes);
}
