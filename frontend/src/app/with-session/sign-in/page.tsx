import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { sentenceForCode } from "#client/failed-form.ts";
import { safeReturnTo } from "#contract/return-to.ts";
import { SignInView } from "#features/auth/sign-in-view.tsx";
import { endOfSession } from "#server/identity/end-of-session.ts";
import { isSignedIn, lastToken } from "#server/identity/session.ts";
import { signIn } from "#texts/auth.ts";

export const metadata: Metadata = { title: signIn.title };

export default async function SignInPageWithSession({ searchParams }: PageProps<"/with-session/sign-in">) {
  const { reason, return_to, failed } = await searchParams;
  const signedIn = await isSignedIn();
  if (signedIn && !reason) redirect(safeReturnTo(return_to));
  const ended = reason === "ended" && !signedIn ? await endOfSession(await lastToken()) : undefined;
  return <SignInView failed={sentenceForCode(failed)} reason={ended ?? reason} />;
}
