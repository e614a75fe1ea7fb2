"use client";

import { reasonFor } from "#client/reasons.ts";
import { useQuery } from "#features/auth/use-query.ts";
import { Notice } from "#ui/notice.tsx";

/** Says why the person is at the sign-in page: as the server found out, else as the address says. */
export function ReasonNotice({ ended }: { ended?: string | undefined }) {
  const given = useQuery("reason");
  const reason = reasonFor(ended ?? given);
  if (!reason) return null;
  return (
    <div className="mb-6">
      <Notice title={reason.title}>{reason.text}</Notice>
    </div>
  );
}
