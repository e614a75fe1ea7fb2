/* The way round for who is signed in, and past it. */

export const skip = "Skip to content";
export const notes = "Notes";
export const account = "Account";
export const lab = "Lab";
export const admin = "Admin";
export const broken = {
  title: "Something went wrong on this page",
  text: "Nothing you saved is lost. Reload the page; if it fails again, try again in a minute.",
};
export const reload = "Reload";
export const noScripts =
  "JavaScript is off. You can write notes, change your name and password, and sign out; everything else on these pages needs it.";
