"use client";

import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import * as texts from "#texts/forms.ts";
import { Button } from "#ui/button.tsx";
import { ErrorSummary } from "#ui/error-summary.tsx";
import { FormErrorsContext, useFormErrors } from "#ui/field-errors.ts";
import type { FormErrors } from "#ui/form-errors.ts";
import { waitText } from "#ui/format.ts";
import { Spinner } from "#ui/spinner.tsx";
import { useCountdown } from "#ui/use-countdown.ts";
import { useIsHydrated } from "#ui/use-is-hydrated.ts";

/** A form whose errors are tied to its fields by name, listed on top, and focused; a second submit while one is under
 * way does nothing, nor does one before the time that a refusal asked for is over. `onSubmit` resolves to what is wrong,
 * or to nothing when the page is being left. */
export function SubmitForm({
  children,
  labels,
  action,
  failed,
  onSubmit,
  submitLabel,
  pendingLabel,
  tone = "primary",
}: {
  children: ReactNode;
  /** Field name to the words its label has. */
  labels: Record<string, string>;
  /** Where the form goes while no script runs. */
  action: string;
  /** What went wrong when it was sent there. */
  failed?: string | undefined;
  onSubmit: (data: FormData) => Promise<FormErrors | undefined>;
  submitLabel: string;
  pendingLabel: string;
  tone?: "primary" | "danger";
}) {
  const form = useRef<HTMLFormElement>(null);
  const busy = useRef(false);
  const [isPending, setPending] = useState(false);
  const formErrors = useFormErrors(failed ? { message: failed, fields: {} } : undefined);
  const { errors } = formErrors;
  const isHydrated = useIsHydrated();
  const wait = useCountdown(errors.retryAfter, errors);

  useEffect(() => {
    const first = Object.keys(errors.fields)[0];
    if (first) focusField(form.current, first);
  }, [errors]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy.current || wait > 0) return;
    busy.current = true;
    setPending(true);
    const found = await onSubmit(new FormData(event.currentTarget));
    if (!found) return;
    busy.current = false;
    setPending(false);
    formErrors.show(found);
  }

  return (
    <form
      action={action}
      className="flex flex-col gap-5"
      method="post"
      noValidate={isHydrated}
      onSubmit={submit}
      ref={form}
    >
      <ErrorSummary errors={errors} labels={labels} onPick={(name) => focusField(form.current, name)} />
      <FormErrorsContext value={formErrors}>{children}</FormErrorsContext>
      <Button
        aria-disabled={wait > 0 || undefined}
        className="h-11 w-full text-base md:h-11"
        isPending={isPending}
        type="submit"
        variant={tone}
      >
        {isPending && <Spinner />}
        {isPending ? pendingLabel : wait > 0 ? texts.tryAgainIn(waitText(wait)) : submitLabel}
      </Button>
    </form>
  );
}

function focusField(form: HTMLFormElement | null, name: string) {
  const field = form?.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}
