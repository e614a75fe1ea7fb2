"use client";

import { Message } from "#shell/message.tsx";
import { broken, reload } from "#texts/header.ts";
import { Button } from "#ui/button.tsx";

/** Shown in place of a page that failed; the header stays. */
export default function SignedInErrorPage() {
  return (
    <Message {...broken}>
      <Button className="h-11 px-6 text-base" onClick={() => location.reload()}>
        {reload}
      </Button>
    </Message>
  );
}
