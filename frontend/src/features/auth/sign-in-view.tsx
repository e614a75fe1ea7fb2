import Link from "next/link";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { ReasonNotice } from "#features/auth/reason-notice.tsx";
import { SignInForm } from "#features/auth/sign-in-form.tsx";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";
import { signIn as texts } from "#texts/auth.ts";

/** @param reason why the person is here: a key of the texts' `reasons`, as the server found out or the address says
 * @param failed what went wrong when the form was sent without a script */
export function SignInView({ reason, failed }: { reason?: unknown; failed?: string | undefined }) {
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
      <ReasonNotice reason={reason} />
      <FollowSignIn />
      <SignInForm failed={failed} />
    </AuthPage>
  );
}
