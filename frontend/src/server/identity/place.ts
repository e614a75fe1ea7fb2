import { type CountryResponse, open, type Reader } from "maxmind";
import { log, summarize } from "#server/log.ts";

const DATABASE = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";

type Allocation = CountryResponse & { country_code?: string };

const names = new Intl.DisplayNames("en", { type: "region" });

let reader: Promise<Reader<Allocation> | undefined> | undefined;

/** The country that an address is allocated to, by the registries' own public data; nothing for a private address. */
export async function placeOf(address: string | null | undefined): Promise<string | undefined> {
  if (!address) return undefined;
  reader ??= openDatabase();
  const code = (await reader)?.get(address)?.country_code;
  return code && names.of(code);
}

/** Without the database nobody has a place; the sessions themselves matter more. */
const openDatabase = () =>
  open<Allocation>(`${process.cwd()}/node_modules/${DATABASE}`).catch((error: unknown) => {
    log("warn", "country_database_unreadable", { cause: summarize(error) });
    return undefined;
  });
