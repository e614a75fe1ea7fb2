import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { sentenceForCode } from "#client/failed-form.ts";
import { safeReturnTo } from "#contract/return-to.ts";
import { SignUpView } from "#features/auth/sign-up-view.tsx";
import { isSignedIn } from "#server/identity/session.ts";
import { signUp } from "#texts/auth.ts";

export const metadata: Metadata = { title: signUp.title };

export default async function SignUpPageWithSession({ searchParams }: PageProps<"/with-session/sign-up">) {
  const { return_to, failed } = await searchParams;
  if (await isSignedIn()) redirect(safeReturnTo(return_to));
  return <SignUpView failed={sentenceForCode(failed)} />;
}
