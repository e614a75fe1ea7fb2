/* Entries, and what is wrong with them. */

export const fixFields = (count: number) => (count === 1 ? "Fix 1 field" : `Fix ${count} fields`);
/** An entry of the list of errors: the field's label, and what is wrong. */
export const fieldError = (label: string | undefined, messages: string) => `${label}: ${messages}`;
export const tryAgainIn = (wait: string) => `Try again in ${wait}`;
export const show = "Show";
export const hide = "Hide";
export const showField = (label: string) => `Show ${label.toLowerCase()}`;
export const hideField = (label: string) => `Hide ${label.toLowerCase()}`;
export const capsLock = "Caps Lock is on.";
export const ruleMet = "Met:";
export const ruleNotMet = "Not yet:";

export const name = "Name";
export const email = "E-mail address";
export const password = "Password";
export const newPassword = "New password";
export const enterName = "Enter your name.";
export const enterEmail = "Enter an e-mail address, such as ada@example.com.";
export const enterPassword = "Enter your password.";
