"use client";

import { Button } from "@heroui/react";
import { useState } from "react";
import { signInPath } from "#features/auth/return-to.ts";
import { signOut } from "#features/auth/session.ts";
import { forgetDrafts } from "#features/notes/draft.ts";
import { sentenceFor } from "#lib/messages.ts";

export function SignOutButton({ userId }: { userId: string }) {
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function leave() {
    setPending(true);
    try {
      await signOut();
    } catch (error) {
      setFailure(`You are still signed in. ${sentenceFor(error)}`);
      setPending(false);
      return;
    }
    forgetDrafts(userId);
    location.assign(signInPath({ reason: "signed_out" }));
  }

  return (
    <>
      <Button isPending={isPending} onPress={leave} size="sm" variant="ghost">
        {isPending ? "Signing out…" : "Sign out"}
      </Button>
      {failure && (
        <p
          className="fixed inset-x-4 bottom-4 z-50 rounded-lg bg-danger px-4 py-3 text-danger-foreground sm:left-auto sm:max-w-sm"
          role="alert"
        >
          {failure}
        </p>
      )}
    </>
  );
}
