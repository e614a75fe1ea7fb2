import type { Health } from "#contract/lab.ts";
import { health as texts } from "#texts/lab.ts";

/** How both services are, and the keys that they go by. */
export function Surroundings({ health }: { health: Health | null | undefined }) {
  if (!health) return <p className="text-muted">{texts.asking}</p>;
  return (
    <dl className="grid gap-3 text-sm">
      <Row isWell={health.identityProvider === "ok"} term={texts.identityProvider}>
        {health.identityProvider}
      </Row>
      <Row isWell={health.api === "ok"} term={texts.api}>
        {health.api}
      </Row>
      <div>
        <dt className="text-muted">{texts.keys}</dt>
        <dd className="mt-1 space-y-1 font-mono text-xs break-all">
          {health.keys.map(({ kid, alg }) => (
            <span className="block" key={kid}>
              {alg} {kid}
            </span>
          ))}
        </dd>
      </div>
    </dl>
  );
}

function Row({ term, isWell, children }: { term: string; isWell: boolean; children: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-muted">{term}</dt>
      <dd className={`font-medium ${isWell ? "text-accent" : "text-danger"}`}>{children}</dd>
    </div>
  );
}
