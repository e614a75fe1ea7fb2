import { BlockList, isIP, isIPv6 } from "node:net";
import { ConfigurationError } from "#server/env.ts";

const family = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");

/** The networks whose X-Forwarded-For is believed: `entries` (addresses or CIDR ranges) and loopback.
 * @throws ConfigurationError */
export function trustedNetworks(entries: string[]): BlockList {
  const networks = new BlockList();
  for (const entry of ["127.0.0.0/8", "::1", ...entries]) {
    const [address = "", prefix, ...rest] = entry.split("/");
    try {
      if (rest.length || (prefix !== undefined && !/^\d+$/.test(prefix))) throw new RangeError("no prefix");
      if (prefix === undefined) networks.addAddress(address, family(address));
      else networks.addSubnet(address, Number(prefix), family(address));
    } catch {
      throw new ConfigurationError(
        `TRUSTED_PROXIES has ${entry}, which is no address or CIDR range such as 10.0.0.0/8`,
      );
    }
  }
  return networks;
}

/** The client's address: the nearest hop that is no trusted proxy, walking back from the peer; nobody can forge it.
 * What stands left of an untrusted or unreadable hop is hearsay. Empty when the peer has no address. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: BlockList,
): string {
  let nearest = normalize(peer ?? "");
  for (const hop of (forwardedFor ?? "").split(",").reverse().map(normalize)) {
    if (!isIP(hop) || !isIP(nearest) || !trusted.check(nearest, family(nearest))) break;
    nearest = hop;
  }
  return nearest;
}

/** Without blanks, the zone of a link-local address, and the IPv6 form of an IPv4 address. */
const normalize = (hop: string) =>
  hop
    .trim()
    .replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/i, "");
