import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dropDraft, forgetDrafts, keepDraft, readDraft } from "#client/drafts.ts";

const text = { title: "Half", body: "a thought" };

beforeEach(() => {
  const held: Record<string, string> = {};
  const methods = {
    getItem: (key: string) => held[key] ?? null,
    setItem: (key: string, value: string) => {
      held[key] = value;
    },
    removeItem: (key: string) => {
      delete held[key];
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(held, name, { value, enumerable: false });
  }
  vi.stubGlobal("sessionStorage", held);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a draft is there for its person and its note, and for no other", () => {
  keepDraft("ada", "new", text);
  expect(readDraft("ada", "new")).toEqual(text);
  expect(readDraft("ada", "n1")).toBeUndefined();
  expect(readDraft("bob", "new")).toBeUndefined();
});

test("a dropped or emptied draft is gone", () => {
  keepDraft("ada", "new", text);
  dropDraft("ada", "new");
  expect(readDraft("ada", "new")).toBeUndefined();
});

test("signing out forgets one person's drafts", () => {
  keepDraft("ada", "new", text);
  keepDraft("ada", "n1", text);
  keepDraft("bob", "new", text);
  forgetDrafts("ada");
  expect(readDraft("ada", "n1")).toBeUndefined();
  expect(readDraft("bob", "new")).toEqual(text);
});

test.each(["", "null", "{}", "[1]", "not JSON"])("a stored %j is no draft", (stored) => {
  sessionStorage.setItem("draft:ada:new", stored);
  expect(readDraft("ada", "new")).toBeUndefined();
});
