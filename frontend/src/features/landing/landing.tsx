import Link from "next/link";
import { FollowSignIn } from "#shell/follow-sign-in.tsx";
import { SiteHeader } from "#shell/site-header.tsx";
import * as texts from "#texts/landing.ts";
import { buttonClass } from "#ui/button-class.ts";
import { TokenPass } from "#ui/token-pass.tsx";

/** In production the API does not serve its documentation. */
const IS_DEVELOPMENT = process.env.NODE_ENV !== "production";

export function Landing() {
  return (
    <>
      <FollowSignIn />
      <SiteHeader />
      <main className="mx-auto w-full max-w-6xl px-5 pb-16 sm:px-8" id="main">
        <div className="grid grid-cols-1 items-center gap-12 pt-12 pb-16 lg:grid-cols-[1fr_24rem] lg:gap-20 lg:pt-20">
          <div>
            <h1 className="max-w-[15ch] font-display text-5xl leading-[1.04] font-medium tracking-tight sm:text-6xl lg:text-7xl">
              {texts.title}
            </h1>
            <p className="mt-6 max-w-[46ch] text-lg leading-8 text-muted">{texts.lead}</p>
            <div className="mt-9 flex flex-wrap items-center gap-x-6 gap-y-4">
              <Link
                className={buttonClass({ size: "lg", className: "h-12 px-6 text-base md:h-12" })}
                href="/lab"
              >
                {texts.toLab}
              </Link>
              <Link className="text-link" href="/sign-up">
                {texts.toSignUp}
              </Link>
              <Link className="text-link" href="/sign-in">
                {texts.toSignIn}
              </Link>
            </div>
          </div>
          <TokenPass />
        </div>
        <ol className="grid gap-8 border-t border-border pt-10 sm:grid-cols-3 sm:gap-10">
          {texts.steps.map(([title, text]) => (
            <li key={title}>
              <h2 className="font-display text-xl font-semibold">{title}</h2>
              <p className="mt-2 leading-7 text-muted">{text}</p>
            </li>
          ))}
        </ol>
        <p className="mt-12 flex flex-wrap gap-x-6 gap-y-2 text-sm">
          {IS_DEVELOPMENT && (
            <a className="text-link" href="/api/reference">
              {texts.reference}
            </a>
          )}
          <a className="text-link" href="/api/auth/jwks">
            {texts.keys}
          </a>
        </p>
      </main>
    </>
  );
}
