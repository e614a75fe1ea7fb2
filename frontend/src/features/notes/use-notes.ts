"use client";

import { useCallback, useEffect, useReducer, useState } from "react";
import {
  changeNote,
  createNote,
  deleteNote,
  listNotes,
  type Note,
  type NotePage,
  type NoteText,
  readNote,
} from "#client/api.ts";
import { isRefusal } from "#client/failure.ts";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";
import { reduce, stateOf } from "#features/notes/state.ts";
import * as texts from "#texts/notes.ts";

/** The caller's notes with what can be done to them. Changes and deletions show at once and are taken back when refused. */
export function useNotes(initial: NotePage | undefined) {
  const [state, dispatch] = useReducer(reduce, initial, stateOf);
  const [isLoading, setLoading] = useState(false);

  const load = useCallback(async (cursor: string | null) => {
    dispatch({ type: "retried" });
    setLoading(true);
    try {
      dispatch({ type: "loaded", page: await guarded(listNotes(cursor)), isMore: cursor !== null });
    } catch (error) {
      dispatch({ type: "failed", message: sentenceFor(error) });
    }
    setLoading(false);
  }, []);

  useEffect(() => {
    if (!initial) void load(null);
  }, [load, initial]);

  const create = useCallback(async (text: NoteText) => {
    dispatch({ type: "created", note: await guarded(createNote(text)) });
  }, []);

  const change = useCallback(async (note: Note, text: NoteText) => {
    dispatch({ type: "changed", note: { ...note, ...text } });
    try {
      dispatch({ type: "changed", note: await guarded(changeNote(note, text)) });
    } catch (error) {
      const stored = isRefusal(error, "conflict") ? await readNote(note.id).catch(() => note) : note;
      dispatch({ type: "changed", note: stored });
      throw error;
    }
  }, []);

  const remove = useCallback(async (note: Note) => {
    dispatch({ type: "deleted", id: note.id });
    try {
      await guarded(deleteNote(note.id));
    } catch (error) {
      const message = texts.notDeleted(note.title, sentenceFor(error));
      dispatch({ type: "restored", note, message });
    }
  }, []);

  return { ...state, isLoading, load, create, change, remove };
}
