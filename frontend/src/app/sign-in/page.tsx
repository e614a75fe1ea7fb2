import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { reasonFor } from "#features/auth/reasons.ts";
import { safeReturnTo } from "#features/auth/return-to.ts";
import { SignInForm } from "#features/auth/sign-in-form.tsx";
import { Notice } from "#features/ui/notice.tsx";
import { endOfSession } from "#lib/auth/end-of-session.ts";
import { accessToken, isSignedIn } from "#lib/auth/session.ts";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const query = await searchParams;
  const returnTo = safeReturnTo(query["return_to"]);
  const signedIn = await isSignedIn();
  if (signedIn && !query["reason"]) redirect(returnTo);
  const ended = query["reason"] === "ended" && !signedIn && (await endOfSession(await accessToken()));
  const reason = reasonFor(ended || query["reason"]);
  return (
    <AuthPage
      footer={
        <>
          No account yet?{" "}
          <Link className="text-link" href={{ pathname: "/sign-up", query: { return_to: returnTo } }}>
            Create one
          </Link>
          <br />
          Forgot your password?{" "}
          <Link className="text-link" href="/forgot-password">
            Set a new one
          </Link>
        </>
      }
      lead="Your notes, and the API, take it from there."
      title="Sign in"
    >
      {reason && (
        <div className="mb-6">
          <Notice title={reason.title}>{reason.text}</Notice>
        </div>
      )}
      <SignInForm returnTo={returnTo} />
    </AuthPage>
  );
}
