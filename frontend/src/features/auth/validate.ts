import { passwordErrors } from "#contract/password-rules.ts";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

type FieldMessages = Record<string, string[]>;

/** What a browser can tell at once about a sign-up; the server has the last word. Only fields with errors appear. */
export function validateSignUp(entry: { name: string; email: string; password: string }): FieldMessages {
  return present({
    name: entry.name.trim() ? [] : ["Enter your name."],
    email: emailMessages(entry.email),
    password: passwordErrors(entry.password).map(({ message }) => message),
  });
}

export function validateSignIn(entry: { email: string; password: string }): FieldMessages {
  return present({
    email: emailMessages(entry.email),
    password: entry.password ? [] : ["Enter your password."],
  });
}

export function validateEmail(email: string): FieldMessages {
  return present({ email: emailMessages(email) });
}

function emailMessages(email: string): string[] {
  return EMAIL.test(email.trim()) ? [] : ["Enter an e-mail address, such as ada@example.com."];
}

function present(fields: FieldMessages): FieldMessages {
  return Object.fromEntries(Object.entries(fields).filter(([, messages]) => messages.length > 0));
}
