/** SQLSTATEs that the revocation triggers refuse a row with. */
const REFUSALS = { RV001: "password_changed", RV002: "banned" } as const;

export type Refusal = (typeof REFUSALS)[keyof typeof REFUSALS];

/** Why the database has refused to open a session; nothing for any other error. */
export function refusalIn(error: unknown): Refusal | undefined {
  const code = error instanceof Error ? String((error as { code?: unknown }).code) : "";
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code as keyof typeof REFUSALS] : undefined;
}
