import createClient from "openapi-fetch";
import { isRefusal, refusalOf } from "#client/failure.ts";
import { send } from "#client/http.ts";
import { subjectHeader } from "#client/subject.ts";
import type { components, paths } from "#contract/api.ts";

export type Note = components["schemas"]["NoteRead"];
export type NotePage = components["schemas"]["NotePage"];
export type NoteText = { title: string; body: string };
export type Me = components["schemas"]["Me"];

/** A request for the API, addressed to this origin: the handler there adds the access token. */
class BackendRequest extends Request {
  constructor(url: RequestInfo | URL, init?: RequestInit) {
    super(String(url).replace("/api/", "/api/backend/"), init);
    for (const [name, value] of Object.entries(subjectHeader())) this.headers.set(name, value);
  }
}

const client = (onRetry?: () => void) =>
  createClient<paths>({
    baseUrl: location.origin,
    Request: BackendRequest,
    fetch: async (request) => {
      const response = await send(request, onRetry ? { onRetry } : {});
      if (!response.ok) throw await refusalOf(response);
      return response;
    },
  });

/* Each of these throws Refusal, NetworkError or TimeoutError. */

export async function readMe(): Promise<Me> {
  return answered(await client().GET("/api/me"));
}

/** A page of the caller's notes, newest first; `cursor` is the page before's `next_cursor`. */
export async function listNotes(cursor?: string | null): Promise<NotePage> {
  return answered(await client().GET("/api/notes", { params: { query: cursor ? { cursor } : {} } }));
}

/** Never repeated by itself: a lost answer could mean a second note. */
export async function createNote(text: NoteText): Promise<Note> {
  return answered(await client().POST("/api/notes", { body: text }));
}

export async function readNote(id: string): Promise<Note> {
  return answered(await client().GET("/api/notes/{note_id}", { params: { path: { note_id: id } } }));
}

/** Changes a note as it was at `note.version`. A repeated attempt may find its own first one there: that is no conflict. */
export async function changeNote(note: Note, text: NoteText): Promise<Note> {
  let repeated = false;
  const onRetry = () => {
    repeated = true;
  };
  try {
    return answered(
      await client(onRetry).PATCH("/api/notes/{note_id}", {
        params: { path: { note_id: note.id } },
        body: { ...text, version: note.version },
      }),
    );
  } catch (error) {
    if (!repeated || !isRefusal(error, "conflict")) throw error;
    const stored = await readNote(note.id);
    if (stored.title === text.title.trim() && stored.body === text.body) return stored;
    throw error;
  }
}

/** A note that is already gone counts as deleted. The page has shown it as deleted already: the call goes on when the page is
 * left. */
export async function deleteNote(id: string): Promise<void> {
  try {
    const params = { path: { note_id: id } };
    await client().DELETE("/api/notes/{note_id}", { params, keepalive: true });
  } catch (error) {
    if (!isRefusal(error, "not_found")) throw error;
  }
}

function answered<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new TypeError("The answer has no body");
  return data;
}
