import type { Note, NotePage } from "#client/api.ts";

export interface NotesState {
  /** Undefined until the first page is there. */
  notes: Note[] | undefined;
  /** Where the next page begins; null when all notes are here. */
  cursor: string | null;
  failure: string | undefined;
}

export type NotesAction =
  | { type: "loaded"; page: NotePage }
  | { type: "failed"; message: string }
  | { type: "retried" }
  | { type: "created"; note: Note }
  | { type: "changed"; note: Note }
  | { type: "deleted"; id: string }
  | { type: "restored"; note: Note };

export const EMPTY: NotesState = { notes: undefined, cursor: null, failure: undefined };

/** The list as it is after `action`. Newest first, each note once whatever pages overlap. */
export function reduce(state: NotesState, action: NotesAction): NotesState {
  const notes = state.notes ?? [];
  switch (action.type) {
    case "loaded":
      return { notes: merge(notes, action.page.items), cursor: action.page.next_cursor, failure: undefined };
    case "failed":
      return { ...state, failure: action.message };
    case "retried":
      return { ...state, failure: undefined };
    case "created":
    case "restored":
      return { ...state, notes: merge(notes, [action.note]) };
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
