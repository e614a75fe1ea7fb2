import type { Metadata } from "next";
import Link from "next/link";
import { connection } from "next/server";
import { sentenceForCode } from "#client/failed-form.ts";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { ForgotPasswordForm } from "#features/auth/forgot-password-form.tsx";
import { hasMail } from "#server/mail.ts";
import { Notice } from "#ui/notice.tsx";

export const metadata: Metadata = { title: "Forgot your password" };

export default async function ForgotPasswordPage({ searchParams }: PageProps<"/forgot-password">) {
  await connection();
  const { sent, failed } = await searchParams;
  return (
    <AuthPage
      footer={
        <>
          Remembered it?{" "}
          <Link className="text-link" href="/sign-in">
            Sign in
          </Link>
        </>
      }
      lead="We send you a link. It is good for an hour, once."
      title="Set a new password"
    >
      {hasMail() ? (
        <ForgotPasswordForm failed={sentenceForCode(failed)} sent={sent !== undefined} />
      ) : (
        <Notice title="This site sends no e-mail">An administrator can set a new password for you.</Notice>
      )}
    </AuthPage>
  );
}
