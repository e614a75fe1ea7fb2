import * as texts from "#texts/forms.ts";
import type { FormErrors } from "#ui/form-errors.ts";
import { Notice } from "#ui/notice.tsx";

/** What is wrong with a form, read out when it appears; each entry leads to its field. */
export function ErrorSummary({
  errors: { message, fields },
  labels,
  onPick,
}: {
  errors: FormErrors;
  labels: Record<string, string>;
  onPick: (name: string) => void;
}) {
  const names = Object.keys(fields);
  if (!message && names.length === 0) return null;
  if (names.length === 0) {
    return (
      <Notice alert tone="danger">
        {message}
      </Notice>
    );
  }
  return (
    <Notice alert title={texts.fixFields(names.length)} tone="danger">
      <ul>
        {names.map((name) => (
          <li key={name}>
            <button
              className="min-h-6 text-left underline underline-offset-4"
              onClick={() => onPick(name)}
              type="button"
            >
              {texts.fieldError(labels[name], (fields[name] ?? []).join(" "))}
            </button>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
