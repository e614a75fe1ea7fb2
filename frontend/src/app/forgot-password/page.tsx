import type { Metadata } from "next";
import Link from "next/link";
import { connection } from "next/server";
import { sentenceForCode } from "#client/failed-form.ts";
import { AuthPage } from "#features/auth/auth-page.tsx";
import { ForgotPasswordForm } from "#features/auth/forgot-password-form.tsx";
import { hasMail } from "#server/mail.ts";
import { signIn, forgot as texts } from "#texts/auth.ts";
import { Notice } from "#ui/notice.tsx";

export const metadata: Metadata = { title: texts.pageTitle };

export default async function ForgotPasswordPage({ searchParams }: PageProps<"/forgot-password">) {
  await connection();
  const { sent, failed } = await searchParams;
  return (
    <AuthPage
      footer={
        <>
          {texts.remembered}{" "}
          <Link className="text-link" href="/sign-in">
            {signIn.title}
          </Link>
        </>
      }
      lead={texts.lead}
      title={texts.title}
    >
      {hasMail() ? (
        <ForgotPasswordForm failed={sentenceForCode(failed)} sent={sent !== undefined} />
      ) : (
        <Notice title={texts.noMailTitle}>{texts.noMail}</Notice>
      )}
    </AuthPage>
  );
}
