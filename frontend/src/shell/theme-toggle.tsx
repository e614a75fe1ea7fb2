"use client";

import { switchTheme } from "#texts/frame.ts";
import { Button } from "#ui/button.tsx";
import { rememberTheme } from "#ui/theme.ts";

/** Switches between light and dark, and remembers the choice on this device. */
export function ThemeToggle() {
  const toggle = () => {
    const root = document.documentElement;
    const now =
      root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    root.dataset["theme"] = next;
    rememberTheme(next);
  };
  return (
    <Button aria-label={switchTheme} className="button--icon-only" onClick={toggle} size="sm" variant="ghost">
      <svg aria-hidden="true" fill="none" viewBox="0 0 20 20">
        <circle cx="10" cy="10" r="7" stroke="currentColor" strokeWidth="1.5" />
        <path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" />
      </svg>
    </Button>
  );
}
