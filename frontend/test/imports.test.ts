import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "../src");

/** What each folder may import besides itself. A feature imports no other feature: pages compose them. */
const ALLOWED: Record<string, readonly string[]> = {
  contract: [],
  texts: ["contract"],
  server: ["contract", "texts"],
  client: ["contract", "texts"],
  ui: ["contract", "texts", "client"],
  shell: ["contract", "texts", "client", "ui"],
  features: ["contract", "texts", "client", "ui", "shell"],
};

/** The folder that a path belongs to; each feature is one of its own. */
const owner = (path: string): string => /^(features\/[^/]+|[^/]+)/.exec(path)?.[0] ?? path;

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(SOURCES, path), "utf8") }));

const importsOf = (text: string): string[] =>
  [...text.matchAll(/["']#([\w/.[\]-]+)["']/g)].flatMap(([, path]) => path ?? []);

describe("the folders", () => {
  it.each(Object.entries(ALLOWED))("%s imports only what it may", (folder, allowed) => {
    const inside = files.filter(({ path }) => path.startsWith(`${folder}/`));
    const forbidden = inside.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((target) => owner(target) !== owner(path) && !allowed.includes(owner(target)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(inside).not.toEqual([]);
    expect(forbidden).toEqual([]);
  });

  it("are not reached by relative paths", () => {
    const relative = files.filter(({ path, text }) => path.includes("/") && /from "\.\.\//.test(text));
    expect(relative.map(({ path }) => path)).toEqual([]);
  });

  it.each(["server/env.ts", "server/database.ts"])("%s can't be bundled for a browser", (path) => {
    expect(files.find((file) => file.path === path)?.text).toContain('import "server-only";');
  });

  it("of the pages have no two modules with the same name", () => {
    const names = files
      .filter(({ path }) => /^(features|client|shell|ui)\//.test(path))
      .map(({ path }) => path.split("/").at(-1) ?? path);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
