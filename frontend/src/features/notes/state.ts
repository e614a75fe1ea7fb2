import type { Note, NotePage } from "#client/api.ts";

export interface NotesState {
  /** Undefined until the first page is there. */
  notes: Note[] | undefined;
  /** Where the next page begins; null when all notes are here. */
  cursor: string | null;
  failure: string | undefined;
  /** Why a note is still there that was to be deleted, by its id. */
  kept: Readonly<Record<string, string>>;
  /** The first note of the page that was loaded last, when it was asked for. */
  fresh: string | undefined;
}

export type NotesAction =
  | { type: "loaded"; page: NotePage; isMore?: boolean }
  | { type: "failed"; message: string }
  | { type: "retried" }
  | { type: "created"; note: Note }
  | { type: "changed"; note: Note }
  | { type: "deleted"; id: string }
  | { type: "restored"; note: Note; message: string };

export const EMPTY: NotesState = {
  notes: undefined,
  cursor: null,
  failure: undefined,
  kept: {},
  fresh: undefined,
};

/** The list as it is to begin with: with the first page, where the server had it. */
export const stateOf = (page: NotePage | undefined): NotesState =>
  page ? reduce(EMPTY, { type: "loaded", page }) : EMPTY;

/** The list as it is after `action`. Newest first, each note once whatever pages overlap. */
export function reduce(state: NotesState, action: NotesAction): NotesState {
  const notes = state.notes ?? [];
  switch (action.type) {
    case "loaded":
      return {
        ...state,
        notes: merge(notes, action.page.items),
        cursor: action.page.next_cursor,
        failure: undefined,
        fresh: action.isMore ? action.page.items[0]?.id : undefined,
      };
    case "failed":
      return { ...state, failure: action.message };
    case "retried":
      return { ...state, failure: undefined };
    case "created":
      return { ...state, notes: merge(notes, [action.note]) };
    case "restored": {
      const kept = { ...state.kept, [action.note.id]: action.message };
      return { ...state, notes: merge(notes, [action.note]), kept };
    }
    case "changed":
      return { ...state, notes: notes.map((note) => (note.id === action.note.id ? action.note : note)) };
    case "deleted":
      return { ...state, notes: notes.filter((note) => note.id !== action.id) };
  }
}

function merge(held: Note[], more: Note[]): Note[] {
  const fresh = more.filter((note) => !held.some(({ id }) => id === note.id));
  return [...held, ...fresh].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}
