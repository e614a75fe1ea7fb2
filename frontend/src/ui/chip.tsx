/** A word that marks something. */
export function Chip({ children, tone = "default" }: { children: string; tone?: "default" | "accent" }) {
  return <span className={`chip chip--soft chip--${tone}`}>{children}</span>;
}
