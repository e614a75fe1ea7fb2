import { AuthPage } from "#features/auth/auth-page.tsx";
import { OtherFormLink } from "#features/auth/other-form-link.tsx";
import { SignUpForm } from "#features/auth/sign-up-form.tsx";

export function SignUpView() {
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
      <SignUpForm />
    </AuthPage>
  );
}
