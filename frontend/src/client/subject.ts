import { EXPECTED_SUBJECT } from "better-auth-revocation/client";

/** Name of the `meta` element that holds the id of the user whom a page shows. */
export const SUBJECT_META = "subject";

/** The header that says for whom a call of this page is meant: another may have signed in since, in another tab. */
export function subjectHeader(): Record<string, string> {
  const shown = globalThis.document?.querySelector<HTMLMetaElement>(`meta[name="${SUBJECT_META}"]`)?.content;
  return shown ? { [EXPECTED_SUBJECT]: shown } : {};
}
