import { reasonFor } from "#client/reasons.ts";
import { Notice } from "#ui/notice.tsx";

/** Says why the person is at the sign-in page. */
export function ReasonNotice({ reason }: { reason: unknown }) {
  const sentences = reasonFor(reason);
  if (!sentences) return null;
  return (
    <div className="mb-6">
      <Notice title={sentences.title}>{sentences.text}</Notice>
    </div>
  );
}
