import "./globals.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { skip } from "#texts/header.ts";
import { LANG } from "#texts/language.ts";
import { site } from "#texts/pages.ts";
import { SITE_NAME } from "#texts/site.ts";
import { THEME_SCRIPT } from "#ui/theme.ts";

export const metadata: Metadata = {
  title: { default: `${SITE_NAME}: ${site.title}`, template: `%s · ${SITE_NAME}` },
  description: site.description,
};

export const viewport: Viewport = { colorScheme: "light dark" };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The script below has set the theme before React looks.
    <html lang={LANG} suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant, known to the policy by its hash */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <a
          className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-md focus:bg-surface focus:px-4 focus:py-2"
          href="#main"
        >
          {skip}
        </a>
        {children}
      </body>
    </html>
  );
}
