import { redirect } from "next/navigation";
import { Landing } from "#features/landing/landing.tsx";
import { isSignedIn } from "#server/identity/session.ts";

export default async function HomePageWithSession() {
  if (await isSignedIn()) redirect("/notes");
  return <Landing />;
}
