import { redirect } from "next/navigation";
import { Landing } from "#features/landing/landing.tsx";
import { isSignedIn } from "#lib/auth/session.ts";
import { env } from "#lib/env.ts";

export default async function HomePage() {
  if (await isSignedIn()) redirect("/notes");
  return <Landing apiReference={env().NODE_ENV === "production" ? null : `${env().API_URL}/docs`} />;
}
