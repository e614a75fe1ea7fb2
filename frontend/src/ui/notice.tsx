import type { ReactNode } from "react";

const TONES = {
  neutral: "border-border bg-surface-secondary",
  danger: "border-danger/40 bg-danger-soft",
};

/** A boxed message inside the page. `alert` is read out at once (for what just happened), else it is plain text. */
export function Notice({
  title,
  children,
  tone = "neutral",
  alert = false,
}: {
  title?: string;
  children?: ReactNode;
  tone?: keyof typeof TONES;
  alert?: boolean;
}) {
  return (
    <div
      className={`rounded-lg border px-4 py-3 text-sm leading-6 ${TONES[tone]}`}
      {...(alert && { role: "alert" })}
    >
      {title && <p className={`font-semibold ${tone === "danger" ? "text-danger" : ""}`}>{title}</p>}
      {children}
    </div>
  );
}
