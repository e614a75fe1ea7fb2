import { describe, expect, test } from "vitest";
import { ConfigurationError } from "#server/env.ts";
import { clientAddress, trustedNetworks } from "#server/http/client-address.ts";

const trusted = trustedNetworks(["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"]);

describe("the nearest hop that is no trusted proxy", () => {
  test.each([
    ["a peer without a proxy", "203.0.113.9", undefined, "203.0.113.9"],
    ["a peer behind one proxy", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["a peer behind two", "127.0.0.1", "203.0.113.9, 10.2.3.4", "203.0.113.9"],
    ["a single trusted address", "192.0.2.1", "203.0.113.9", "203.0.113.9"],
    ["blanks", "10.0.0.1", "  203.0.113.9  ,10.0.0.2", "203.0.113.9"],
    ["IPv6", "2001:db8:1::5", "2001:db8:2::9", "2001:db8:2::9"],
    ["an IPv4 peer in IPv6 form", "::ffff:203.0.113.9", undefined, "203.0.113.9"],
    ["a trusted proxy in IPv6 form", "::ffff:10.0.0.1", "::FFFF:203.0.113.9", "203.0.113.9"],
    ["loopback is always trusted", "::1", "203.0.113.9", "203.0.113.9"],
    ["all of 127.0.0.0/8 too", "127.8.8.8", "203.0.113.9", "203.0.113.9"],
    ["nothing but proxies", "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["a zone", "fe80::1%eth0", undefined, "fe80::1"],
    ["no peer address: a socket file", undefined, undefined, ""],
  ])("%s", (_, peer, forwarded, expected) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(expected);
  });
});

describe("nobody can forge it", () => {
  test.each([
    ["an untrusted peer's word is nothing", "203.0.113.9", "198.51.100.7", "203.0.113.9"],
    ["a neighbour of a trusted address is not trusted", "192.0.2.2", "198.51.100.7", "192.0.2.2"],
    ["what a client put before the proxy's entry", "10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"],
    ["a forged trusted hop", "10.0.0.1", "198.51.100.7, 10.9.9.9, 203.0.113.9", "203.0.113.9"],
    ["an entry that can't be read ends the chain", "10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"],
    ["an address with a port", "10.0.0.1", "198.51.100.7, 203.0.113.9:80", "10.0.0.1"],
    ["an empty entry", "10.0.0.1", "198.51.100.7,", "10.0.0.1"],
    ["a zone on a forged hop", "10.0.0.1", "fe80::1%<script>, 10.0.0.2", "fe80::1"],
    ["no address at all without a peer", undefined, "198.51.100.7", ""],
  ])("%s", (_, peer, forwarded, expected) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(expected);
  });
});

test.each([
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0.0/-1",
  "10.0.0.0/0x8",
  "proxy.example.com",
  "/8",
])("the range %s is refused by name", (entry) => {
  expect(() => trustedNetworks([entry])).toThrow(ConfigurationError);
  expect(() => trustedNetworks([entry])).toThrow(`TRUSTED_PROXIES has ${entry}, which is no address`);
});
