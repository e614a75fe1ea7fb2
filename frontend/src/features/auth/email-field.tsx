"use client";

import { TextField } from "#ui/text-field.tsx";

/** The e-mail address that an account goes by; a password manager fills it in as `autoComplete` says. */
export function EmailField({ label, autoComplete }: { label: string; autoComplete: "username" | "email" }) {
  return (
    <TextField
      autoComplete={autoComplete}
      autoCapitalize="none"
      label={label}
      name="email"
      required
      spellCheck="false"
      type="email"
    />
  );
}
