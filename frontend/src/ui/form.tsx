"use client";

import { Button, Form, Spinner, useIsHydrated } from "@heroui/react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ErrorSummary } from "#ui/error-summary.tsx";
import { FormErrorsContext, useFormErrors } from "#ui/field-errors.ts";
import type { FormErrors } from "#ui/form-errors.ts";

/** A form whose errors are tied to its fields by name, listed on top, and focused; a second submit while one is under
 * way does nothing. `onSubmit` resolves to what is wrong, or to nothing when the page is being left. */
export function SubmitForm({
  children,
  labels,
  onSubmit,
  submitLabel,
  pendingLabel,
}: {
  children: ReactNode;
  /** Field name to the words its label has. */
  labels: Record<string, string>;
  onSubmit: (data: FormData) => Promise<FormErrors | undefined>;
  submitLabel: string;
  pendingLabel: string;
}) {
  const form = useRef<HTMLFormElement>(null);
  const busy = useRef(false);
  const [isPending, setPending] = useState(false);
  const formErrors = useFormErrors();
  const { errors } = formErrors;
  const isHydrated = useIsHydrated();

  useEffect(() => {
    const first = Object.keys(errors.fields)[0];
    if (first) focusField(form.current, first);
  }, [errors]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    const found = await onSubmit(new FormData(event.currentTarget));
    if (!found) return;
    busy.current = false;
    setPending(false);
    formErrors.show(found);
  }

  return (
    <Form
      className="flex flex-col gap-5"
      method="post"
      onSubmit={submit}
      ref={form}
      validationBehavior="aria"
    >
      <ErrorSummary errors={errors} labels={labels} onPick={(name) => focusField(form.current, name)} />
      <FormErrorsContext value={formErrors}>{children}</FormErrorsContext>
      <Button
        className="h-11 text-base"
        fullWidth
        isDisabled={!isHydrated}
        isPending={isPending}
        type="submit"
      >
        {isPending && <Spinner color="current" size="sm" />}
        {isPending ? pendingLabel : submitLabel}
      </Button>
    </Form>
  );
}

function focusField(form: HTMLFormElement | null, name: string) {
  const field = form?.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}
