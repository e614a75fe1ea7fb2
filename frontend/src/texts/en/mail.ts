import { SITE_NAME } from "#texts/site.ts";

/* What is sent by e-mail. */

export const resetSubject = `Set a new password for ${SITE_NAME}`;
/** @param link good once, for an hour */
export const reset = (
  link: string,
) => `Somebody asked to set a new password for the ${SITE_NAME} account of this address.
Open this link within an hour to choose one:

${link}

Every session of the account ends when the new password is set.

If it wasn't you, there is nothing to do: your password is as it was.
`;

export const guessedSubject = "Wrong passwords for your account";
/** @param attempts how many there were */
export const guessed = (
  attempts: number,
  link: string,
) => `Somebody has tried ${attempts} wrong passwords for the ${SITE_NAME} account of this address within a day.
Further attempts from browsers that never signed in to it have to wait, for 15 minutes at most.

If it was you, set a new password here:

${link}

If it wasn't, there is nothing to do as long as your password is used nowhere else.
`;
