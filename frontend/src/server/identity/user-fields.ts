import { APIError } from "better-auth/api";
import { z } from "zod";
import type { FieldError } from "#contract/problem.ts";
import { problem } from "#server/http/problem.ts";
import { isChecked } from "#server/identity/issuing.ts";

const NAME_LENGTH = 200;
const EMAIL_LENGTH = 254;
const IMAGE_LENGTH = 2048;

/** A display name; it goes into every token, which must stay small. */
export const userName = z
  .string()
  .max(NAME_LENGTH, `Use at most ${NAME_LENGTH} characters.`)
  // Postgres text can't hold NUL.
  .regex(/^[^\0]*$/, "Remove the NUL character.")
  .trim()
  .min(1, "Enter your name.");

export const userEmail = z
  .email("Enter an e-mail address such as name@example.com.")
  .max(EMAIL_LENGTH, `Use at most ${EMAIL_LENGTH} characters.`);

/** A picture's address. Pages load it, so nothing but https will do. */
export const userImage = z
  .url({ protocol: /^https$/, error: "Enter an address that begins with https://." })
  .max(IMAGE_LENGTH, `Use at most ${IMAGE_LENGTH} characters.`)
  .nullable();

const stored = z.object({ name: userName, email: userEmail, image: userImage }).partial();

/** Refuses a user that is about to be stored with an unfit name or address, whichever endpoint took it.
 * @throws APIError that names each fault */
export async function assertUserFields(user: Record<string, unknown>): Promise<void> {
  if (isChecked("name", user["name"]) && isChecked("email", user["email"]) && !user["image"]) return;
  const checked = stored.safeParse(user);
  if (checked.success) return;
  const errors = checked.error.issues.map(toFieldError);
  throw new APIError("UNPROCESSABLE_ENTITY", problem("validation_failed", { errors }));
}

/** A fault that zod found, in the words of a problem document; a custom one has its code in `params.rule`. */
export function toFieldError(issue: z.core.$ZodIssue): FieldError {
  const code = issue.code === "custom" ? String(issue.params?.["rule"]) : issue.code;
  const message = issue.message.startsWith("Invalid input") ? "This field is required." : issue.message;
  return { field: issue.path.join("."), code, message };
}
