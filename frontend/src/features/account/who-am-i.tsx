"use client";

import { useCallback, useEffect, useState } from "react";
import { type Me, readMe } from "#client/api.ts";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";
import { permissions } from "#contract/permissions.ts";
import { whoAmI as texts } from "#texts/account.ts";
import * as actions from "#texts/actions.ts";
import { Button } from "#ui/button.tsx";
import { shortId } from "#ui/format.ts";
import { Skeleton } from "#ui/skeleton.tsx";
import { ExactTime, TimeUntil } from "#ui/time.tsx";

/** What the API knows of the caller, out of the access token alone. */
export function WhoAmI({ initial }: { initial?: Me | undefined }) {
  const [me, setMe] = useState(initial);
  const [failure, setFailure] = useState<string>();
  const [isOpen, setOpen] = useState(false);

  const load = useCallback(async () => {
    setFailure(undefined);
    try {
      setMe(await guarded(readMe()));
    } catch (error) {
      setFailure(sentenceFor(error));
    }
  }, []);

  useEffect(() => {
    if (!initial) void load();
  }, [load, initial]);

  if (failure) {
    return (
      <div className="rounded-2xl border border-border bg-surface p-5 text-sm" role="status">
        <p>{failure}</p>
        <Button className="mt-3" onClick={load} size="sm" variant="tertiary">
          {actions.tryAgain}
        </Button>
      </div>
    );
  }
  if (!me) return <Skeleton className="h-20 rounded-2xl lg:h-[33.75rem]" />;
  return (
    <section aria-labelledby="who-heading" className="rounded-2xl border border-border bg-surface">
      <div className="flex items-start justify-between gap-4 px-5 py-4 lg:px-6 lg:py-6">
        <div className="min-w-0">
          <h2 className="truncate font-display text-xl font-semibold" dir="auto" id="who-heading">
            {me.name}
          </h2>
          <p className="truncate text-sm text-muted">{me.email}</p>
        </div>
        <Button
          aria-controls="who-details"
          aria-expanded={isOpen}
          className="lg:hidden"
          onClick={() => setOpen(!isOpen)}
          size="sm"
          variant="tertiary"
        >
          {isOpen ? texts.less : texts.details}
        </Button>
      </div>
      <div className={isOpen ? "" : "max-lg:hidden"} id="who-details">
        <Details me={me} />
      </div>
    </section>
  );
}

function Details({ me }: { me: Me }) {
  return (
    <>
      <dl className="grid gap-5 border-t border-dashed border-border px-5 py-5 text-sm lg:px-6 lg:py-6">
        <Row term={texts.goodFor}>
          <span className="font-display text-2xl font-semibold">
            <TimeUntil at={me.expires_at} />
          </span>
          <span className="mt-0.5 block text-muted">
            {texts.until}
            <ExactTime at={me.expires_at} />
          </span>
        </Row>
        <Row term={texts.youMay}>
          <ul className="space-y-0.5">
            {me.scopes.map((scope) => (
              <li key={scope}>{scopeText(scope)}</li>
            ))}
          </ul>
        </Row>
        <Row term={me.roles.length === 1 ? texts.role : texts.roles}>{me.roles.join(", ")}</Row>
        {me.session_id && (
          <Row term={texts.session}>
            <code className="font-mono text-[0.8125rem]">{shortId(me.session_id)}</code>
          </Row>
        )}
      </dl>
      <p className="rounded-b-2xl border-t border-border bg-surface-secondary px-5 py-4 text-sm leading-6 text-muted lg:px-6">
        {texts.source}
      </p>
    </>
  );
}

function Row({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="mb-1 text-muted">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function scopeText(scope: string): string {
  const known: Record<string, string> = permissions.scopes;
  return known[scope]?.replace(/\.$/, "") ?? scope;
}
