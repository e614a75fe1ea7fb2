import type { Metadata } from "next";
import { SignInView } from "#features/auth/sign-in-view.tsx";
import { signIn } from "#texts/auth.ts";

export const metadata: Metadata = { title: signIn.title };

export default function SignInPage() {
  return <SignInView />;
}
