import { Landing } from "#features/landing/landing.tsx";

export default function HomePage() {
  return <Landing />;
}
