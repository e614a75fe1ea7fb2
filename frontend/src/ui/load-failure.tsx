"use client";

import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";

export function LoadFailure({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <Notice alert tone="danger">
      <p>{message}</p>
      <Button className="mt-2" onClick={onRetry} size="sm" variant="tertiary">
        Try again
      </Button>
    </Notice>
  );
}
