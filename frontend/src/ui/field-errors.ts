"use client";

import { createContext, use, useState } from "react";
import { type FormErrors, NO_ERRORS } from "#ui/form-errors.ts";

/** A form's errors. One at a field goes as the field is edited: were it to go later, as the focus moves to a button,
 * the button would move away from under the pointer. */
export function useFormErrors(initial: FormErrors = NO_ERRORS) {
  const [errors, setErrors] = useState(initial);
  const [edited, setEdited] = useState<readonly string[]>([]);
  return {
    errors,
    show(next: FormErrors) {
      setErrors(next);
      setEdited([]);
    },
    edit(name: string) {
      if (errors.fields[name] && !edited.includes(name)) setEdited([...edited, name]);
    },
    messagesOf: (name: string): string[] => (edited.includes(name) ? [] : (errors.fields[name] ?? [])),
  };
}

export const FormErrorsContext = createContext<ReturnType<typeof useFormErrors> | undefined>(undefined);

/** What is wrong with the field `name` of the form around, and what to call when it is edited. */
export function useFieldErrors(name: string) {
  const form = use(FormErrorsContext);
  return { messages: form?.messagesOf(name) ?? [], onEdit: () => form?.edit(name) };
}
