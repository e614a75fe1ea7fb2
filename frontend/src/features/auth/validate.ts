import { passwordErrors } from "#contract/password-rules.ts";
import * as texts from "#texts/forms.ts";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

type FieldMessages = Record<string, string[]>;

/** What a browser can tell at once about a sign-up; the server has the last word. Only fields with errors appear. */
export function validateSignUp(entry: { name: string; email: string; password: string }): FieldMessages {
  return present({
    name: entry.name.trim() ? [] : [texts.enterName],
    email: emailMessages(entry.email),
    password: passwordErrors(entry.password).map(({ message }) => message),
  });
}

export function validateSignIn(entry: { email: string; password: string }): FieldMessages {
  return present({
    email: emailMessages(entry.email),
    password: entry.password ? [] : [texts.enterPassword],
  });
}

export function validateEmail(email: string): FieldMessages {
  return present({ email: emailMessages(email) });
}

function emailMessages(email: string): string[] {
  return EMAIL.test(email.trim()) ? [] : [texts.enterEmail];
}

function present(fields: FieldMessages): FieldMessages {
  return Object.fromEntries(Object.entries(fields).filter(([, messages]) => messages.length > 0));
}
