import * as texts from "#texts/token-pass.ts";

/** A picture of what a session gives: the access token as a pass. Decoration with words, no real token. */
export function TokenPass() {
  return (
    <figure className="h-fit w-full max-w-sm rounded-2xl border border-border bg-surface">
      <figcaption className="flex items-baseline justify-between gap-4 px-6 pt-6 pb-5">
        <span className="font-display text-xl font-semibold">{texts.title}</span>
        <span className="font-mono text-xs text-muted">{texts.kind}</span>
      </figcaption>
      <Perforation />
      <dl className="grid gap-4 px-6 py-6 text-sm">
        {texts.rows.map(([term, value]) => (
          <div className="flex items-baseline justify-between gap-6" key={term}>
            <dt className="shrink-0 text-muted">{term}</dt>
            <dd className="text-right font-medium text-balance">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="rounded-b-2xl border-t border-border bg-surface-secondary px-6 py-4 text-sm leading-6 text-muted">
        {texts.kept}
      </p>
    </figure>
  );
}

function Perforation() {
  return (
    <div aria-hidden="true" className="relative">
      <div className="border-t border-dashed border-border" />
      <div className="absolute -top-2 -left-2 size-4 rounded-full border border-border bg-background [clip-path:inset(0_0_0_50%)]" />
      <div className="absolute -top-2 -right-2 size-4 rounded-full border border-border bg-background [clip-path:inset(0_50%_0_0)]" />
    </div>
  );
}
