import { dictionary } from "@zxcvbn-ts/language-common";
import { passwordPolicy } from "#contract/password-policy.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import type { FieldError, Problem } from "#contract/problem.ts";
import { problem } from "#server/http/problem.ts";

const { common } = passwordPolicy;

let known: Set<string> | undefined;

/** Whether a password is on the list of those that guessing begins with, whatever its case and what signs it ends in. */
export function isCommon(password: string): boolean {
  known ??= new Set(dictionary["passwords-common"]);
  const plain = password.normalize("NFKC").toLowerCase();
  return known.has(plain) || known.has(plain.replace(/[\p{P}\p{S}\s]+$/u, ""));
}

/** Everything that keeps `password` from being set: the policy's rules, which a form knows too, and the list of common
 * ones, which only the server has. */
export const newPasswordErrors = (password: string, field = "password"): FieldError[] => [
  ...passwordErrors(password, field),
  ...(isCommon(password) ? [{ field, code: common.id, message: common.message }] : []),
];

/** The refusal of a password for these errors. */
export const passwordRefusal = (errors: FieldError[]): Problem =>
  problem(errors.every(({ code }) => code === common.id) ? "password_common" : "password_policy", { errors });
