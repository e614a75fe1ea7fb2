import type { Metadata } from "next";
import { SignUpView } from "#features/auth/sign-up-view.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default function SignUpPage() {
  return <SignUpView />;
}
