import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { safeReturnTo, signInPath } from "#features/auth/return-to.ts";
import { SignUpForm } from "#features/auth/sign-up-form.tsx";
import { isSignedIn } from "#lib/auth/session.ts";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({ searchParams }: PageProps<"/sign-up">) {
  const { return_to } = await searchParams;
  const returnTo = safeReturnTo(return_to);
  if (await isSignedIn()) redirect(returnTo);
  return (
    <AuthPage
      footer={
        <>
          Have an account?{" "}
          <Link className="text-link" href={signInPath({ returnTo })}>
            Sign in
          </Link>
        </>
      }
      lead="One account, and a pass that the API accepts for 30 days."
      title="Create an account"
    >
      <SignUpForm returnTo={returnTo} />
    </AuthPage>
  );
}
