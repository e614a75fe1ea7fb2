"use client";

import { Button } from "@heroui/react";
import { MessagePage } from "#shell/message-page.tsx";

export default function ErrorPage() {
  return (
    <MessagePage
      text="Nothing you saved is lost. It usually passes within seconds."
      title="The service can't be reached right now"
    >
      <Button className="h-11 px-6 text-base" onPress={() => location.reload()}>
        Try again
      </Button>
    </MessagePage>
  );
}
