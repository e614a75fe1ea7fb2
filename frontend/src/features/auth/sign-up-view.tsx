import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { SignUpForm } from "#features/auth/sign-up-form.tsx";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";

/** @param failed what went wrong when the form was sent without a script */
export function SignUpView({ failed }: { failed?: string | undefined }) {
  return (
    <AuthPage
      footer={
        <>
          Have an account? <OtherFormLink href="/sign-in">Sign in</OtherFormLink>
        </>
      }
      lead="One account, and a pass that the API accepts for 30 days."
      title="Create an account"
    >
      <FollowSignIn />
      <SignUpForm failed={failed} />
    </AuthPage>
  );
}
