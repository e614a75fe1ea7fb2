"use client";

import { useEffect, useRef } from "react";
import { TextField } from "#ui/text-field.tsx";

/** Where this tab keeps the address from one form to the next. */
const STORED = "email";

/** To be called once somebody is signed in: the next one in this tab may be somebody else. */
export function forgetEmail(): void {
  try {
    sessionStorage.removeItem(STORED);
  } catch {
    // No storage, nothing kept.
  }
}

/** The e-mail address that an account goes by; a password manager fills it in as `autoComplete` says. What was typed in
 * one form stands in the next, unless somebody is in the field already. */
export function EmailField({ label, autoComplete }: { label: string; autoComplete: "username" | "email" }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const field = input.current;
    if (!field || field.value || field === document.activeElement) return;
    try {
      field.value = sessionStorage.getItem(STORED) ?? "";
    } catch {
      // No storage: it is typed again.
    }
  }, []);
  return (
    <TextField
      autoCapitalize="none"
      autoComplete={autoComplete}
      label={label}
      name="email"
      onChange={(value) => {
        try {
          sessionStorage.setItem(STORED, value);
        } catch {
          // As above.
        }
      }}
      ref={input}
      required
      spellCheck="false"
      type="email"
    />
  );
}
