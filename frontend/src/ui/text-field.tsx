"use client";

import { type ComponentProps, type Ref, useId } from "react";
import { useFieldErrors } from "#ui/field-errors.ts";

type Common = {
  name: string;
  label: string;
  /** Called with every new value. */
  onChange?: (value: string) => void;
};
type Props =
  | (Common & { rows?: never } & Omit<ComponentProps<"input">, keyof Common | "className">)
  | (Common & { rows: number } & Omit<ComponentProps<"textarea">, keyof Common | "className" | "rows">);

/** An entry with its label and the error that the form has for its name; of several lines with `rows`. */
export function TextField({ label, onChange, ref, rows, ...props }: Props) {
  const { messages, onEdit } = useFieldErrors(props.name);
  const id = useId();
  const shared = {
    id,
    dir: "auto",
    ...(messages.length > 0 && {
      "aria-describedby": `${id}-error`,
      "aria-invalid": true,
      "data-invalid": true,
    }),
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => {
      onEdit();
      onChange?.(currentTarget.value);
    },
  };
  return (
    <div className="flex flex-col gap-1.5">
      <label className="w-fit text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      {rows === undefined ? (
        <input
          {...(props as ComponentProps<"input">)}
          {...shared}
          className="input input--full-width"
          ref={ref as Ref<HTMLInputElement>}
        />
      ) : (
        <textarea
          {...(props as ComponentProps<"textarea">)}
          {...shared}
          className="textarea textarea--full-width"
          ref={ref as Ref<HTMLTextAreaElement>}
          rows={rows}
        />
      )}
      <FieldError id={`${id}-error`} messages={messages} />
    </div>
  );
}

/** What is wrong with an entry, tied to it by `aria-describedby`. */
export function FieldError({ id, messages }: { id: string; messages: readonly string[] }) {
  if (messages.length === 0) return null;
  return (
    <p className="text-sm text-danger wrap-anywhere" id={id}>
      {messages.join(" ")}
    </p>
  );
}
