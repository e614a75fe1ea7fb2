import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { SignUpForm } from "#features/auth/sign-up-form.tsx";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";
import { signIn, signUp as texts } from "#texts/auth.ts";

/** @param failed what went wrong when the form was sent without a script */
export function SignUpView({ failed }: { failed?: string | undefined }) {
  return (
    <AuthPage
      footer={
        <>
          {texts.haveAccount} <OtherFormLink href="/sign-in">{signIn.title}</OtherFormLink>
        </>
      }
      lead={texts.lead}
      title={texts.title}
    >
      <FollowSignIn />
      <SignUpForm failed={failed} />
    </AuthPage>
  );
}
