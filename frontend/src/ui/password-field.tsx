"use client";

import { Button, FieldError, InputGroup, Label, TextField } from "@heroui/react";
import { useId, useState } from "react";
import { passwordPolicy } from "#contract/password-policy.ts";
import { useFieldErrors } from "#ui/field-errors.ts";
import { PasswordChecklist } from "#ui/password-checklist.tsx";

/** A password entry that can be shown; a new password also gets the policy's rules, ticked off while typing. */
export function PasswordField({
  name = "password",
  label = "Password",
  isNew = false,
}: {
  name?: string;
  label?: string;
  isNew?: boolean;
}) {
  const [isShown, setShown] = useState(false);
  const [value, setValue] = useState("");
  const checklist = useId();
  const { messages, onEdit } = useFieldErrors(name);

  return (
    <TextField
      autoComplete={isNew ? "new-password" : "current-password"}
      className="group gap-1.5"
      fullWidth
      isRequired
      name={name}
      isInvalid={messages.length > 0}
      onChange={(next) => {
        onEdit();
        setValue(next);
      }}
      type={isShown ? "text" : "password"}
      {...(isNew && { "aria-describedby": checklist })}
    >
      <Label>{label}</Label>
      <InputGroup fullWidth>
        <InputGroup.Input autoCapitalize="none" autoCorrect="off" spellCheck="false" />
        <InputGroup.Suffix className="pe-1" onClick={(event) => event.stopPropagation()}>
          <Button
            aria-label={isShown ? `Hide ${label.toLowerCase()}` : `Show ${label.toLowerCase()}`}
            onPress={() => setShown(!isShown)}
            size="sm"
            variant="ghost"
          >
            {isShown ? "Hide" : "Show"}
          </Button>
        </InputGroup.Suffix>
      </InputGroup>
      {isNew && <PasswordChecklist id={checklist} password={value} />}
      <FieldError>{(isNew ? messages.filter(isNotInChecklist) : messages).join(" ")}</FieldError>
    </TextField>
  );
}

function isNotInChecklist(message: string): boolean {
  return !passwordPolicy.rules.some((rule) => rule.message === message);
}
