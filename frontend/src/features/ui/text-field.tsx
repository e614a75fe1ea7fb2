import { Description, FieldError, Input, Label, TextField as LibraryTextField } from "@heroui/react";
import type { ComponentProps, ReactNode } from "react";

type Props = Omit<ComponentProps<typeof LibraryTextField>, "children"> & {
  label: string;
  hint?: ReactNode;
  inputProps?: ComponentProps<typeof Input>;
};

/** A one-line entry: label, input, hint, and the error the form has for its name. */
export function TextField({ label, hint, inputProps, ...props }: Props) {
  return (
    <LibraryTextField className="gap-1.5" fullWidth {...props}>
      <Label>{label}</Label>
      <Input {...inputProps} />
      {hint && <Description>{hint}</Description>}
      <FieldError />
    </LibraryTextField>
  );
}
