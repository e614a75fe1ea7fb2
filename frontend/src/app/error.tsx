"use client";

import { MessagePage } from "#shell/message-page.tsx";
import { reload, unreachable } from "#texts/frame.ts";
import { Button } from "#ui/button.tsx";

export default function ErrorPage() {
  return (
    <MessagePage {...unreachable}>
      <Button className="h-11 px-6 text-base" onClick={() => location.reload()}>
        {reload}
      </Button>
    </MessagePage>
  );
}
