import { log, summarize } from "#server/log.ts";

/** As it would come over HTTP: dates are texts. */
type Sent<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Sent<T[Key]> } : T;

/** What a page begins with, as the endpoint that is called here would send it. What can't be had is absent: the page then asks
 * by itself. */
export async function pageData<T>(reading: Promise<T>): Promise<Sent<T> | undefined> {
  try {
    return JSON.parse(JSON.stringify(await reading)) as Sent<T>;
  } catch (error) {
    log("warn", "page_data_not_read", { cause: summarize(error) });
    return undefined;
  }
}
