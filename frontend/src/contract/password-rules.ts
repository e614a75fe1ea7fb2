import { passwordPolicy } from "#contract/password-policy.ts";
import type { FieldError } from "#contract/problem.ts";

const rules = passwordPolicy.rules.map((rule) => ({ ...rule, regex: new RegExp(rule.pattern, "u") }));

/** Every rule of the policy, and whether `password` meets it. */
export const checkPassword = (password: string) =>
  rules.map(({ id, message, regex }) => ({ id, message, met: regex.test(password) }));

/** The unmet rules as errors of `field`; empty for a good password. */
export const passwordErrors = (password: string, field = "password"): FieldError[] =>
  checkPassword(password)
    .filter(({ met }) => !met)
    .map(({ id, message }) => ({ field, code: id, message }));
