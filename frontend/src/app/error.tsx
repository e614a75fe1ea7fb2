"use client";

import { MessagePage } from "#shell/message-page.tsx";
import { Button } from "#ui/button.tsx";

export default function ErrorPage() {
  return (
    <MessagePage
      text="Nothing you saved is lost. It usually passes within seconds."
      title="The service can't be reached right now"
    >
      <Button className="h-11 px-6 text-base" onClick={() => location.reload()}>
        Try again
      </Button>
    </MessagePage>
  );
}
