import type { Decoded } from "#contract/lab.ts";
import { lifeLeft } from "#features/lab/words.ts";
import { claims as purposes, token as texts } from "#texts/lab.ts";

/** The token, claim by claim, and how much of its time is left. Its signature never leaves the server. */
export function TokenCard({ token, isRevoked }: { token: Decoded | null | undefined; isRevoked: boolean }) {
  return (
    <section
      aria-labelledby="token-heading"
      className="h-fit min-w-0 rounded-2xl border border-border bg-surface"
    >
      <div className="flex items-baseline justify-between gap-4 px-5 pt-5 pb-4">
        <h2 className="font-display text-xl font-semibold" id="token-heading">
          {texts.title}
        </h2>
        <span className={`text-xs font-medium ${isRevoked ? "text-danger" : "text-accent"}`}>
          {token ? (isRevoked ? texts.revoked : texts.valid) : ""}
        </span>
      </div>
      <div className="border-t border-dashed border-border px-5 py-4">
        <TimeLeft token={token} />
      </div>
      <dl className="grid gap-y-2.5 border-t border-border px-5 py-4 text-sm">
        {purposes.map(([name, purpose]) => (
          <div className="grid grid-cols-[3rem_minmax(0,1fr)] gap-x-3" key={name}>
            <dt className="font-mono text-[0.8125rem] leading-5 font-semibold">{name}</dt>
            <dd className="min-w-0">
              <span className="block truncate font-mono text-[0.8125rem] leading-5">
                {token ? textOf(token, name) : "…"}
              </span>
              <span className="block text-xs leading-4 text-muted">{purpose}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="rounded-b-2xl border-t border-border bg-surface-secondary px-5 py-3 font-mono text-xs leading-5 break-all text-muted">
        {token ? texts.header(token.header.alg, token.header.kid) : "…"}
      </p>
    </section>
  );
}

function TimeLeft({ token }: { token: Decoded | null | undefined }) {
  const { iat = 0, exp = 1 } = token?.claims ?? {};
  const left = Math.max(0, exp - Date.now() / 1000);
  return (
    <>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="text-muted" id="time-left">
          {texts.timeLeft}
        </span>
        <span className="font-medium tabular-nums">{token ? lifeLeft(left) : "…"}</span>
      </div>
      <progress
        aria-labelledby="time-left"
        className="lab-time mt-2 block h-1.5 w-full"
        max={exp - iat}
        value={token ? left : 0}
      />
    </>
  );
}

function textOf({ claims }: Decoded, name: string): string {
  const value = (claims as unknown as Record<string, unknown>)[name];
  const isTime = typeof value === "number" && (name === "iat" || name === "exp");
  return isTime
    ? new Date(value * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC")
    : String(value);
}
