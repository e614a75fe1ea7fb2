import { BlockList, isIP, isIPv6 } from "node:net";
import { ConfigurationError } from "#lib/env.ts";

const family = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");

/** The networks whose X-Forwarded-For is believed: `entries` (addresses or CIDR ranges) and loopback.
 * @throws ConfigurationError */
export function trustedNetworks(entries: string[]): BlockList {
  const networks = new BlockList();
  for (const entry of ["127.0.0.0/8", "::1", ...entries]) {
    const [address = "", prefix] = entry.split("/");
    try {
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

/** The client's address: the nearest hop that is no trusted proxy, walking back from the peer; nobody can forge it. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: BlockList,
): string {
  const hops = [...(forwardedFor ?? "").split(","), peer ?? ""]
    .map(normalize)
    .filter((hop) => isIP(hop) !== 0);
  return hops.findLast((hop) => !trusted.check(hop, family(hop))) ?? hops[0] ?? "";
}

const normalize = (hop: string) => hop.trim().replace(/^::ffff:(?=\d+\.)/i, "");
