import Link from "next/link";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { ReasonNotice } from "#features/auth/reason-notice.tsx";
import { SignInForm } from "#features/auth/sign-in-form.tsx";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";

/** @param ended why the last session is over, where the server could tell
 * @param failed what went wrong when the form was sent without a script */
export function SignInView({ ended, failed }: { ended?: string | undefined; failed?: string | undefined }) {
  return (
    <AuthPage
      footer={
        <>
          No account yet? <OtherFormLink href="/sign-up">Create one</OtherFormLink>
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
      <ReasonNotice ended={ended} />
      <FollowSignIn />
      <SignInForm failed={failed} />
    </AuthPage>
  );
}
