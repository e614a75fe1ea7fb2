import type { Metadata } from "next";
import Link from "next/link";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { ResetPasswordForm } from "#features/auth/reset-password-form.tsx";

export const metadata: Metadata = { title: "Choose a new password", referrer: "no-referrer" };

export default function ResetPasswordPage() {
  return (
    <AuthPage
      footer={
        <>
          The link doesn't work?{" "}
          <Link className="text-link" href="/forgot-password">
            Ask for a new one
          </Link>
        </>
      }
      lead="Every session of your account ends when it is set, wherever it was opened."
      title="Choose a new password"
    >
      <noscript>
        <style>{"form { display: none }"}</style>
        <p className="rounded-lg border border-border bg-surface-secondary px-4 py-3 text-sm leading-6">
          Turn JavaScript on for this page: your browser keeps the link’s secret to itself, and sends it only
          with the new password.
        </p>
      </noscript>
      <ResetPasswordForm />
    </AuthPage>
  );
}
