import Link from "next/link";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { ReasonNotice } from "#features/auth/reason-notice.tsx";
import { SignInForm } from "#features/auth/sign-in-form.tsx";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";
import { signIn as texts } from "#texts/auth.ts";

/** @param ended why the last session is over, where the server could tell
 * @param failed what went wrong when the form was sent without a script */
export function SignInView({ ended, failed }: { ended?: string | undefined; failed?: string | undefined }) {
  return (
    <AuthPage
      footer={
        <>
          {texts.noAccount} <OtherFormLink href="/sign-up">{texts.createOne}</OtherFormLink>
          <br />
          {texts.forgot}{" "}
          <Link className="text-link" href="/forgot-password">
            {texts.setNewOne}
          </Link>
        </>
      }
      lead={texts.lead}
      title={texts.title}
    >
      <ReasonNotice ended={ended} />
      <FollowSignIn />
      <SignInForm failed={failed} />
    </AuthPage>
  );
}
