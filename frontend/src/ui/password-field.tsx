"use client";

import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { passwordPolicy } from "#contract/password-policy.ts";
import * as texts from "#texts/forms.ts";
import { Button } from "#ui/button.tsx";
import { useFieldErrors } from "#ui/field-errors.ts";
import { PasswordChecklist } from "#ui/password-checklist.tsx";
import { FieldError } from "#ui/text-field.tsx";
import { useIsHydrated } from "#ui/use-is-hydrated.ts";

/** A password entry that can be shown, and says when Caps Lock is on; a new password also gets the policy's rules, ticked
 * off while typing. */
export function PasswordField({
  name = "password",
  label = texts.password,
  isNew = false,
}: {
  name?: string;
  label?: string;
  isNew?: boolean;
}) {
  const [isShown, setShown] = useState(false);
  const [isCapital, setCapital] = useState(false);
  const [value, setValue] = useState("");
  const { messages, onEdit } = useFieldErrors(name);
  const isHydrated = useIsHydrated();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // What was typed before the page's script ran.
  useEffect(() => setValue(input.current?.value ?? ""), []);
  const shown = isNew ? messages.filter(isNotInChecklist) : messages;
  const described = [isNew && `${id}-rules`, shown.length > 0 && `${id}-error`].filter(Boolean);
  // Some browsers make a keyboard event of a filled-in value, which has no modifiers.
  const look = (event: KeyboardEvent) => setCapital(event.getModifierState?.("CapsLock") ?? false);

  return (
    <div className="group flex flex-col gap-1.5" {...(messages.length > 0 && { "data-invalid": true })}>
      <label className="w-fit text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      <span className="relative block">
        <input
          aria-describedby={described.join(" ") || undefined}
          aria-invalid={messages.length > 0 || undefined}
          autoCapitalize="none"
          autoComplete={isNew ? "new-password" : "current-password"}
          autoCorrect="off"
          className="input input--full-width pe-18"
          data-invalid={messages.length > 0 || undefined}
          dir="auto"
          id={id}
          name={name}
          onBlur={() => setCapital(false)}
          onChange={({ target }) => {
            onEdit();
            setValue(target.value);
          }}
          onKeyDown={look}
          onKeyUp={look}
          ref={input}
          required
          spellCheck="false"
          type={isShown ? "text" : "password"}
        />
        {isHydrated && (
          <Button
            aria-label={isShown ? texts.hideField(label) : texts.showField(label)}
            className="absolute end-1.5 top-1/2 h-8 -translate-y-1/2"
            onClick={() => setShown(!isShown)}
            size="sm"
            variant="ghost"
          >
            {isShown ? texts.hide : texts.show}
          </Button>
        )}
      </span>
      <p className="-mt-1.5 text-sm text-warning not-empty:mt-0" role="status">
        {isCapital && texts.capsLock}
      </p>
      {isNew && <PasswordChecklist id={`${id}-rules`} password={value} />}
      <FieldError id={`${id}-error`} messages={shown} />
    </div>
  );
}

function isNotInChecklist(message: string): boolean {
  return !passwordPolicy.rules.some((rule) => rule.message === message);
}
