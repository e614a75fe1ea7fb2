/** Header of a page's call: the id of the user whom the page shows. Another may have signed in since in the same browser. */
export const EXPECTED_SUBJECT = "x-expected-subject";

/** Whether a call may be made as `subject`: it is meant for that user, or does not say for whom. */
export function isMeantFor(headers: Headers, subject: string | undefined): boolean {
  const expected = headers.get(EXPECTED_SUBJECT);
  return expected === null || expected === subject;
}
