/* A list of sessions. */

export const thisDevice = "This device";
export const end = "End";
export const ending = "Ending…";
export const endOf = (device: string) => `End the session of ${device}`;
/** What stands before the time of the sign-in, and before that of the last use. */
export const signedIn = "Signed in ";
export const lastSeen = ", last seen ";
