/* The notes page. */

export const loading = "Loading your notes";
export const heading = "Your notes";
export const newNote = "New note";
export const save = "Save note";
export const saveChanges = "Save changes";
export const title = "Title";
export const text = "Text";
export const enterTitle = "Give the note a title.";
export const notSaved = "The note is not saved yet";
export const notDeleted = (title: string, reason: string) => `“${title}” was not deleted. ${reason}`;
export const edit = "Edit";
export const editNote = (title: string) => `Edit ${title}`;
export const remove = "Delete";
export const removeNote = (title: string) => `Delete ${title}`;
export const edited = ", edited";
export const question = "Delete this note?";
export const confirm = "Delete note";
/** What stands before the note's title, and after it. */
export const warning = ["“", "” will be deleted permanently."] as const;
export const older = "Show older notes";
export const emptyTitle = "Nothing here yet";
export const empty = "Write your first note above. FastAPI keeps it, and shows it only to you.";
