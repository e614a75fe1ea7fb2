"use client";

import { FieldError, Input, Label, TextField as LibraryTextField, TextArea } from "@heroui/react";
import type { ComponentProps } from "react";
import { useFieldErrors } from "#ui/field-errors.ts";

type Props = Omit<ComponentProps<typeof LibraryTextField>, "children"> & {
  name: string;
  label: string;
} & (
    | { inputProps?: ComponentProps<typeof Input>; areaProps?: never }
    | { areaProps: ComponentProps<typeof TextArea>; inputProps?: never }
  );

/** An entry with its label and the error that the form has for its name; of several lines with `areaProps`. */
export function TextField({ name, label, inputProps, areaProps, onChange, ...props }: Props) {
  const { messages, onEdit } = useFieldErrors(name);
  return (
    <LibraryTextField
      className="gap-1.5"
      fullWidth
      isInvalid={messages.length > 0}
      name={name}
      onChange={(value) => {
        onEdit();
        onChange?.(value);
      }}
      {...props}
    >
      <Label>{label}</Label>
      {areaProps ? <TextArea {...areaProps} /> : <Input {...inputProps} />}
      <FieldError>{messages.join(" ")}</FieldError>
    </LibraryTextField>
  );
}
