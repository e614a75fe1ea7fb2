import type { Metadata } from "next";
import Link from "next/link";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { ResetPasswordForm } from "#features/auth/reset-password-form.tsx";
import { reset as texts } from "#texts/auth.ts";

export const metadata: Metadata = { title: texts.title, referrer: "no-referrer" };

export default function ResetPasswordPage() {
  return (
    <AuthPage
      footer={
        <>
          {texts.linkFails}{" "}
          <Link className="text-link" href="/forgot-password">
            {texts.askAgain}
          </Link>
        </>
      }
      lead={texts.lead}
      title={texts.title}
    >
      <noscript>
        <style>{"form { display: none }"}</style>
        <p className="rounded-lg border border-border bg-surface-secondary px-4 py-3 text-sm leading-6">
          {texts.noScript}
        </p>
      </noscript>
      <ResetPasswordForm />
    </AuthPage>
  );
}
