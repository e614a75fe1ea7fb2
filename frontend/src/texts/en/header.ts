/* The way round for who is signed in, and past it. */

export const skip = "Skip to content";
export const notes = "Notes";
export const account = "Account";
export const lab = "Lab";
export const admin = "Admin";
