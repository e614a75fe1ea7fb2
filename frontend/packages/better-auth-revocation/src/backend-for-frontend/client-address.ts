import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import { RevocationError } from "../errors.ts";
import { withHeaders } from "./with-headers.ts";

/** The header in which a platform names the client, whatever the client itself has sent. */
const PLATFORMS = {
  vercel: "x-vercel-forwarded-for",
  cloudflare: "cf-connecting-ip",
  fly: "fly-client-ip",
} as const;

/** How the client's address is known: by the platform, by a header that a proxy of yours sets and no client can, or by
 * how many proxies append to `X-Forwarded-For` in front of the application. */
export type ClientAddress = keyof typeof PLATFORMS | { header: string } | { hops: number };

// One for the process, and a new one for each: no client can send it.
const KEY = Symbol.for("better-auth-revocation.address-header");
const shared = globalThis as { [KEY]?: string };
shared[KEY] ??= `x-client-${randomUUID()}`;

/** The header in which {@link withClientAddress} tells Better Auth an address that was counted by hops. */
export const COUNTED_ADDRESS = shared[KEY];

/** The header that has the client's address.
 * @throws RevocationError for what is no such setting */
export function addressHeader(given: ClientAddress): string {
  if (typeof given === "string") {
    if (Object.hasOwn(PLATFORMS, given)) return PLATFORMS[given];
    const known = Object.keys(PLATFORMS).join(", ");
    throw new RevocationError(
      `\`clientAddress\` is ${given}; it can be ${known}, { header: "…" } or { hops: 1 }`,
    );
  }
  if ("header" in given) {
    if (/^[\w-]+$/.test(given.header)) return given.header.toLowerCase();
    throw new RevocationError(`\`clientAddress.header\` is "${given.header}"; give the name of a header`);
  }
  if (Number.isInteger(given.hops) && given.hops > 0) return COUNTED_ADDRESS;
  throw new RevocationError(`\`clientAddress.hops\` is ${given.hops}; give the number of proxies, from 1`);
}

/** The client's address; nothing where no header tells it. */
export function clientAddressOf(headers: Headers, given: ClientAddress): string | undefined {
  const hops = typeof given === "object" && "hops" in given ? given.hops : undefined;
  const value = headers.get(hops === undefined ? addressHeader(given) : "x-forwarded-for") ?? "";
  const address = hops === undefined ? value.trim() : (value.split(",").at(-hops) ?? "").trim();
  return isIP(address) ? address : undefined;
}

/** A request that tells Better Auth the client's address as counted by hops; any other stays as it is. */
export function withClientAddress(request: Request, given: ClientAddress | undefined): Request {
  if (typeof given !== "object" || !("hops" in given)) return request;
  const headers = new Headers(request.headers);
  headers.set(COUNTED_ADDRESS, clientAddressOf(request.headers, given) ?? "");
  return withHeaders(request, headers);
}
