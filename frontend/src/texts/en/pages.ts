/* Titles of pages, and pages that say one thing. */

export const site = {
  title: "access tokens you can revoke",
  description: "Sign in once, hold an access token for 30 days, and revoke it the moment you need to.",
};
export const notes = "Notes";
export const account = "Account";
export const users = "Users";
export const lab = "Lab";

export const notFound = {
  title: "Page not found",
  text: "The address may be mistyped, or what was here has been deleted.",
};
export const toNotes = "Go to your notes";
export const toStart = "Go to the start page";
