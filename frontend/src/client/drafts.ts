import type { NoteText } from "#client/api.ts";

const PREFIX = "draft";
const keyOf = (userId: string, note: string) => `${PREFIX}:${userId}:${note}`;

/** Text that is typed and not saved, kept for this tab only: it survives a reload and a new sign-in of the same person. */
export function readDraft(userId: string, note: string): NoteText | undefined {
  try {
    const { title, body } = JSON.parse(sessionStorage.getItem(keyOf(userId, note)) ?? "null");
    return typeof title === "string" && typeof body === "string" ? { title, body } : undefined;
  } catch {
    return undefined;
  }
}

export function keepDraft(userId: string, note: string, text: NoteText): void {
  try {
    if (text.title || text.body) sessionStorage.setItem(keyOf(userId, note), JSON.stringify(text));
    else sessionStorage.removeItem(keyOf(userId, note));
  } catch {
    // Storage is full or forbidden: the text still is in the form.
  }
}

export function dropDraft(userId: string, note: string): void {
  keepDraft(userId, note, { title: "", body: "" });
}

/** Removes all of a person's drafts from the tab, as they sign out. */
export function forgetDrafts(userId: string): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(keyOf(userId, ""))) sessionStorage.removeItem(key);
  }
}

/** Removes what others than this person have typed in this tab, as they come. */
export function forgetDraftsOfOthers(userId: string): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(`${PREFIX}:`) && !key.startsWith(keyOf(userId, ""))) sessionStorage.removeItem(key);
    }
  } catch {
    // No storage, no drafts.
  }
}
