import { expect, test } from "vitest";
import type { Note } from "#client/api.ts";
import { EMPTY, reduce } from "#features/notes/state.ts";

const note = (id: string, hour: number): Note => {
  const at = `2026-11-20T${hour}:00:00Z`;
  return { id, title: id, body: "", created_at: at, updated_at: at, version: 1 };
};
const [first, second, third] = [note("first", 10), note("second", 11), note("third", 12)];
const ids = (state: typeof EMPTY) => state.notes?.map(({ id }) => id);
const page = (items: Note[], next_cursor: string | null = null) =>
  ({ type: "loaded", page: { items, next_cursor } }) as const;

test("pages are joined, newest first, each note once", () => {
  const loaded = reduce(reduce(EMPTY, page([third, second], "more")), page([second, first]));
  expect(ids(loaded)).toEqual(["third", "second", "first"]);
  expect(loaded.cursor).toBeNull();
});

test("a new note comes first, also when it arrives before the list", () => {
  const created = reduce(EMPTY, { type: "created", note: third });
  expect(ids(reduce(created, page([third, second])))).toEqual(["third", "second"]);
});

test("a deletion that is refused puts the note back in its place", () => {
  const loaded = reduce(EMPTY, page([third, second, first]));
  const deleted = reduce(loaded, { type: "deleted", id: "second" });
  expect(ids(deleted)).toEqual(["third", "first"]);
  expect(ids(reduce(deleted, { type: "restored", note: second, message: "Not deleted." }))).toEqual([
    "third",
    "second",
    "first",
  ]);
});

test("a change touches its own note only", () => {
  const loaded = reduce(EMPTY, page([second, first]));
  const changed = reduce(loaded, { type: "changed", note: { ...first, title: "New" } });
  expect(changed.notes?.map(({ title }) => title)).toEqual(["second", "New"]);
});

test("a failure keeps the list, and goes when loading is tried again", () => {
  const failed = reduce(reduce(EMPTY, page([first])), { type: "failed", message: "No." });
  expect(failed).toMatchObject({ notes: [first], failure: "No." });
  expect(reduce(failed, { type: "retried" }).failure).toBeUndefined();
});
