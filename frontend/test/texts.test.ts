import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "../src");
const PLACES = /^(app|client|features|shell|ui)\//;

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
  (path) => PLACES.test(path) && /(?<!\.test)\.tsx?$/.test(path) && !path.startsWith("app/api/"),
);

/** Words for people: a sentence, or something that begins like one. */
const isSaid = (text: string): boolean =>
  !text.startsWith("/") && (/^\W*\p{Lu}\p{Ll}/u.test(text) || /\s.*\p{Ll}[.?!…](\s|$)/u.test(text));

/** Names of events, keys and the like, which look like words. */
const NAMES = new Set(["CapsLock", "Enter", "Escape", "WEB=", "GET"]);

/** Attributes whose values nobody reads. */
const UNREAD = new Set(["className", "d", "viewBox"]);

/** An error's message, and its name, are for developers. */
const isForDevelopers = (node: ts.Node): boolean =>
  (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) ||
  (ts.isPropertyDeclaration(node) && node.name.getText() === "name");

function saidIn(path: string): string[] {
  const text = readFileSync(join(SOURCES, path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isForDevelopers(node)) return;
    if (ts.isJsxAttribute(node) && UNREAD.has(node.name.getText())) return;
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (isSaid(node.text) && !NAMES.has(node.text)) found.push(node.text);
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found.map((words) => `${path}: ${words}`);
}

describe("the texts", () => {
  it("stand in src/texts alone, one folder a language", () => {
    expect(files.flatMap(saidIn)).toEqual([]);
  });

  it("are told from what nobody reads", () => {
    expect(["Sign in", "“Title” is gone", "it has failed. Try again"].every(isSaid)).toBe(true);
    expect(["grid gap-2 sm:flex", "/sign-in?", "sign-in?", "sign_in", "x"].some(isSaid)).toBe(false);
  });

  it("know their language in one place", () => {
    const named = files.filter((path) =>
      /\blang="|Intl\.\w+\("/.test(readFileSync(join(SOURCES, path), "utf8")),
    );
    expect(named).toEqual([]);
  });

  it("of every language are the same modules with the same names", () => {
    const [first, ...others] = readdirSync(join(SOURCES, "texts"));
    const modules = (language: string | undefined) => readdirSync(join(SOURCES, `texts/${language}`)).sort();
    expect(first).toBe("en");
    for (const other of others) expect(modules(other)).toEqual(modules(first));
  });
});
