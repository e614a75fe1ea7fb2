import "./globals.css";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { SITE_NAME } from "#features/ui/site.ts";
import { THEME_COOKIE, themeOf } from "#features/ui/theme.ts";

export const metadata: Metadata = {
  title: { default: `${SITE_NAME}: access tokens you can call back`, template: `%s · ${SITE_NAME}` },
  description: "Sign in once, hold an access token for 30 days, and call it back the moment you need to.",
};

export const viewport: Viewport = { colorScheme: "light dark" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html data-theme={theme} lang="en">
      <body>
        <a
          className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-md focus:bg-surface focus:px-4 focus:py-2"
          href="#main"
        >
          Skip to content
        </a>
        {children}
      </body>
    </html>
  );
}
