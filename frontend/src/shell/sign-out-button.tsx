"use client";

import { useState } from "react";
import { forgetDrafts } from "#client/drafts.ts";
import { sentenceFor } from "#client/messages.ts";
import { signOut } from "#client/session-api.ts";
import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import * as texts from "#texts/session.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";

export function SignOutButton({ userId }: { userId: string }) {
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function leave() {
    setPending(true);
    try {
      await signingOut(signOut);
    } catch (error) {
      setFailure(texts.stillSignedIn(sentenceFor(error)));
      setPending(false);
      return;
    }
    forgetDrafts(userId);
    location.assign(signInPath({ reason: "signed_out" }));
  }

  return (
    <>
      <form
        action="/api/forms/sign-out"
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) void leave();
        }}
      >
        <Button isPending={isPending} size="sm" type="submit" variant="ghost">
          {isPending ? texts.signingOut : texts.signOut}
        </Button>
      </form>
      {failure && (
        <div className="fixed inset-x-4 bottom-4 z-50 sm:left-auto sm:max-w-sm">
          <Notice alert tone="danger">
            {failure}
          </Notice>
        </div>
      )}
    </>
  );
}
