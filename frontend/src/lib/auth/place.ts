import { type CountryResponse, open, type Reader } from "maxmind";

const DATABASE = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";

type Allocation = CountryResponse & { country_code?: string };

const names = new Intl.DisplayNames("en", { type: "region" });

let reader: Promise<Reader<Allocation>> | undefined;

/** The country that an address is allocated to, by the registries' own public data; nothing for a private address. */
export async function placeOf(address: string | null | undefined): Promise<string | undefined> {
  if (!address) return undefined;
  reader ??= open<Allocation>(`${process.cwd()}/node_modules/${DATABASE}`);
  const code = (await reader).get(address)?.country_code;
  return code && names.of(code);
}
