"use client";

import * as texts from "#texts/actions.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";

export function LoadFailure({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <Notice alert tone="danger">
      <p>{message}</p>
      <Button className="mt-2" onClick={onRetry} size="sm" variant="tertiary">
        {texts.tryAgain}
      </Button>
    </Notice>
  );
}
