import Link from "next/link";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";
import { SiteHeader } from "#shell/site-header.tsx";
import { buttonClass } from "#ui/button-class.ts";
import { TokenPass } from "#ui/token-pass.tsx";

/** In production the API does not serve its documentation. */
const IS_DEVELOPMENT = process.env.NODE_ENV !== "production";

const STEPS = [
  [
    "Sign up once",
    "Better Auth keeps the account and the session, and signs an access token that lives 30 days.",
  ],
  [
    "Let in without asking",
    "FastAPI checks the signature by itself. No look-up, no round trip, microseconds.",
  ],
  ["Revoke it", "Sign out, or end a session anywhere: the next request with that token is refused."],
] as const;

export function Landing() {
  return (
    <>
      <FollowSignIn />
      <SiteHeader />
      <main className="mx-auto w-full max-w-6xl px-5 pb-16 sm:px-8" id="main">
        <div className="grid grid-cols-1 items-center gap-12 pt-12 pb-16 lg:grid-cols-[1fr_24rem] lg:gap-20 lg:pt-20">
          <div>
            <h1 className="max-w-[15ch] font-display text-5xl leading-[1.04] font-medium tracking-tight sm:text-6xl lg:text-7xl">
              A 30-day token you can revoke.
            </h1>
            <p className="mt-6 max-w-[46ch] text-lg leading-8 text-muted">
              Long-lived access is convenient until it has to end. Here it ends at the next request,
              everywhere.
            </p>
            <div className="mt-9 flex flex-wrap items-center gap-x-6 gap-y-4">
              <Link
                className={buttonClass({ size: "lg", className: "h-12 px-6 text-base md:h-12" })}
                href="/lab"
              >
                Revoke one yourself
              </Link>
              <Link className="text-link" href="/sign-up">
                Create an account
              </Link>
              <Link className="text-link" href="/sign-in">
                Sign in
              </Link>
            </div>
          </div>
          <TokenPass />
        </div>
        <ol className="grid gap-8 border-t border-border pt-10 sm:grid-cols-3 sm:gap-10">
          {STEPS.map(([title, text]) => (
            <li key={title}>
              <h2 className="font-display text-xl font-semibold">{title}</h2>
              <p className="mt-2 leading-7 text-muted">{text}</p>
            </li>
          ))}
        </ol>
        <p className="mt-12 flex flex-wrap gap-x-6 gap-y-2 text-sm">
          {IS_DEVELOPMENT && (
            <a className="text-link" href="/api/reference">
              API reference
            </a>
          )}
          <a className="text-link" href="/api/auth/jwks">
            Public keys
          </a>
        </p>
      </main>
    </>
  );
}
