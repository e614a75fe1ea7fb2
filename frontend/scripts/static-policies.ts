/* Run after `next build`: gives each page that was rendered beforehand a policy with the hashes of its own inline scripts.
 * The headers go where Next.js keeps those of its configuration, so that any way to serve the build sends them. */
import { readFile, writeFile } from "node:fs/promises";
import { contentSecurityPolicy, inlineScriptHashes } from "#server/http/content-security-policy.ts";

interface Header {
  source: string;
  headers: { key: string; value: string }[];
  regex: string;
}

const build = `${import.meta.dirname}/../.next`;
const readJson = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(`${build}/${name}`, "utf8")) as T;

const { routes } = await readJson<{ routes: Record<string, unknown> }>("prerender-manifest.json");
const manifest = await readJson<{ headers: Header[] }>("routes-manifest.json");

for (const source of Object.keys(routes).sort()) {
  const page = `${build}/server/app${source === "/" ? "/index" : source}.html`;
  const html = await readFile(page, "utf8").catch(() => undefined);
  if (html === undefined || source.startsWith("/_")) continue;
  const value = contentSecurityPolicy({ scripts: inlineScriptHashes(html) });
  manifest.headers = manifest.headers.filter((header) => header.source !== source);
  manifest.headers.push({
    source,
    headers: [{ key: "Content-Security-Policy", value }],
    regex: source === "/" ? "^/$" : `^${source.replaceAll(/[^\w/]/g, "\\$&")}(?:/)?$`,
  });
  console.log(`policy of ${source}: ${inlineScriptHashes(html).length} inline scripts`);
}
await writeFile(`${build}/routes-manifest.json`, JSON.stringify(manifest));
