/* The bar on top of every page. */

export const skip = "Skip to content";
export const navigation = "Main";
export const notes = "Notes";
export const account = "Account";
export const lab = "Lab";
export const admin = "Admin";
export const signIn = "Sign in";
