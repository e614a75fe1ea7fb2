import { checkPassword } from "#contract/password-rules.ts";
import * as texts from "#texts/forms.ts";

/** The policy's rules, each with whether `password` meets it. An upper bound shows up only once it is broken. */
export function PasswordChecklist({ id, password }: { id: string; password: string }) {
  const rules = checkPassword(password).filter((rule) => rule.id !== "max_length" || !rule.met);
  return (
    <ul className="grid gap-x-4 gap-y-1 pt-1 text-sm sm:grid-cols-2" id={id}>
      {rules.map(({ id: rule, met, message }) => (
        <li
          className={`flex items-center gap-2 ${met ? "text-accent" : "text-muted group-data-invalid:text-danger"}`}
          data-met={met}
          key={rule}
        >
          <svg aria-hidden="true" className="size-4 shrink-0" fill="none" viewBox="0 0 16 16">
            {met ? (
              <path d="m3 8.5 3.2 3.2L13 5" stroke="currentColor" strokeLinecap="round" strokeWidth="2" />
            ) : (
              <circle cx="8" cy="8" r="2" stroke="currentColor" strokeWidth="1.5" />
            )}
          </svg>
          <span className="sr-only">{met ? texts.ruleMet : texts.ruleNotMet}</span>
          {message}
        </li>
      ))}
    </ul>
  );
}
