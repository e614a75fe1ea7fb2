import type { ReactNode } from "react";
import { SUBJECT_META } from "#client/subject.ts";
import type { SignedIn } from "#contract/signed-in.ts";
import { SignedInHeader } from "#shell/signed-in-header.tsx";

/** The frame of the pages behind sign-in. */
export function SignedInPage({
  user,
  title,
  children,
}: {
  user: SignedIn;
  title: string;
  children: ReactNode;
}) {
  return (
    <>
      <meta content={user.id} name={SUBJECT_META} />
      <SignedInHeader user={user} />
      <main className="mx-auto w-full max-w-6xl px-5 pt-10 pb-24 sm:px-8 sm:pt-14" id="main">
        <h1 className="mb-8 font-display text-4xl font-medium tracking-tight sm:text-5xl">{title}</h1>
        {children}
      </main>
    </>
  );
}
