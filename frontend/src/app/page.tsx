import { redirect } from "next/navigation";
import { Landing } from "#features/landing/landing.tsx";
import { getSession } from "#lib/auth/session.ts";
import { env } from "#lib/env.ts";

export default async function HomePage() {
  if (await getSession()) redirect("/notes");
  return <Landing apiUrl={env().API_URL} />;
}
