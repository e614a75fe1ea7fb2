import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changeNote, createNote, deleteNote, listNotes, type Note } from "#client/api.ts";

const note: Note = {
  id: "0b7c",
  title: "Old",
  body: "",
  created_at: "2026-11-20T12:00:00Z",
  updated_at: "2026-11-20T12:00:00Z",
  version: 3,
};
const conflict = () => Response.json({ code: "conflict" }, { status: 409 });
const lost = () => {
  throw new TypeError("fetch failed");
};

let answers: (() => Response)[];
let calls: { method: string; path: string; body: string; keepalive: boolean }[];

async function settle<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await vi.runAllTimersAsync();
  return await promise;
}

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  calls = [];
  vi.stubGlobal("location", { origin: "http://localhost" });
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const { method, keepalive } = request;
    calls.push({ method, path: pathname + search, body: await request.text(), keepalive });
    return answers.shift()?.();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the API is reached through this origin", async () => {
  answers = [() => Response.json({ items: [note], next_cursor: null })];
  expect(await settle(listNotes("abc"))).toEqual({ items: [note], next_cursor: null });
  expect(calls).toMatchObject([{ method: "GET", path: "/api/backend/notes?cursor=abc", body: "" }]);
});

test("a note is created once, whatever the network does", async () => {
  answers = [lost, () => Response.json(note, { status: 201 })];
  await expect(settle(createNote({ title: "New", body: "" }))).rejects.toMatchObject({
    name: "NetworkError",
  });
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({ path: "/api/backend/notes", body: '{"title":"New","body":""}' });
});

test("a change says which version it was made to, and a changed note is a conflict", async () => {
  answers = [conflict];
  await expect(settle(changeNote(note, { title: "New", body: "" }))).rejects.toMatchObject({
    code: "conflict",
  });
  expect(calls[0]).toMatchObject({ method: "PATCH", path: "/api/backend/notes/0b7c" });
  expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({ version: 3 });
});

test("a change that had arrived before its answer was lost is no conflict", async () => {
  const stored = { ...note, title: "New", version: 4 };
  answers = [lost, conflict, () => Response.json(stored)];
  expect(await settle(changeNote(note, { title: "New", body: "" }))).toEqual(stored);
});

test("another's change stays a conflict after a lost answer", async () => {
  answers = [lost, conflict, () => Response.json({ ...note, title: "Theirs", version: 4 })];
  await expect(settle(changeNote(note, { title: "New", body: "" }))).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a note that is gone already is deleted", async () => {
  answers = [lost, () => Response.json({ code: "not_found" }, { status: 404 })];
  await expect(settle(deleteNote(note.id))).resolves.toBeUndefined();
});

test("a deletion goes on when the page is left, also after a lost answer", async () => {
  answers = [lost, () => new Response(null, { status: 204 })];
  await settle(deleteNote(note.id));
  expect(calls.map(({ method, keepalive }) => [method, keepalive])).toEqual([
    ["DELETE", true],
    ["DELETE", true],
  ]);
});
