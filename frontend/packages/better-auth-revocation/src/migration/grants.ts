import { identifier } from "../database/sql.ts";

/** The statements that let a database role follow the feed, and no more. */
export function readerGrants(schema: string, role: string): string[] {
  const own = identifier(schema);
  const reader = identifier(role);
  return [
    `GRANT USAGE ON SCHEMA ${own} TO ${reader}`,
    `GRANT SELECT ON ${own}.revocation TO ${reader}`,
    `GRANT EXECUTE ON FUNCTION ${own}.revocations_after(text, integer), ${own}.acknowledge_revocations(uuid, text),
    ${own}.missing_revocation_triggers(), ${own}.revocation_origins() TO ${reader}`,
  ];
}
