/** The language of every text in this folder (BCP 47): of the pages, and of how times and numbers are written. */
export const LANG = "en";
