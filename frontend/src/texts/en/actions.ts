/* What is said in many places. */

export const cancel = "Cancel";
export const tryAgain = "Try again";
export const loading = "Loading…";
export const saving = "Saving…";
