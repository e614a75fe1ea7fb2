import type { Metadata } from "next";
import { SignUpView } from "#features/auth/sign-up-view.tsx";
import { signUp } from "#texts/auth.ts";

export const metadata: Metadata = { title: signUp.title };

export default function SignUpPage() {
  return <SignUpView />;
}
