"use client";

import { type FormEvent, useCallback, useState } from "react";
import { listUsers, PAGE_SIZE } from "#features/admin/admin-api.ts";
import { UserRow } from "#features/admin/user-row.tsx";
import * as texts from "#texts/admin.ts";
import { Button } from "#ui/button.tsx";
import { LoadFailure } from "#ui/load-failure.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { useLoaded } from "#ui/use-loaded.ts";

/** All users, found by address, with what an administrator may do to each. */
export function AdminView({ ownId }: { ownId: string }) {
  const [view, setView] = useState({ search: "", offset: 0 });
  const load = useCallback(() => listUsers(view.search, view.offset), [view]);
  const { value, failure, reload } = useLoaded(load);

  function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setView({ search: String(new FormData(event.currentTarget).get("search")).trim(), offset: 0 });
  }

  return (
    <>
      <form className="mb-8 flex max-w-lg items-end gap-2" onSubmit={search}>
        <label className="flex flex-1 flex-col gap-1.5 text-sm font-medium">
          {texts.search}
          <input
            autoCapitalize="none"
            autoComplete="off"
            className="input input--full-width"
            dir="auto"
            name="search"
            spellCheck="false"
            type="search"
          />
        </label>
        <Button className="h-11 md:h-11" type="submit" variant="tertiary">
          {texts.submitSearch}
        </Button>
      </form>
      {failure && <LoadFailure message={failure} onRetry={reload} />}
      {!value && !failure && <RowSkeletons label={texts.loading} />}
      {value && (
        <section aria-label={texts.users} className="border-t border-border">
          {value.users.length === 0 && <p className="py-10 text-muted">{texts.none}</p>}
          <ul className="divide-y divide-separator">
            {value.users.map((user) => (
              <UserRow isOwn={user.id === ownId} key={user.id} onChange={reload} user={user} />
            ))}
          </ul>
          <Pager
            count={value.users.length}
            offset={view.offset}
            onMove={(offset) => setView({ ...view, offset })}
            total={value.total}
          />
        </section>
      )}
    </>
  );
}

function Pager({
  offset,
  count,
  total,
  onMove,
}: {
  offset: number;
  count: number;
  total: number;
  onMove: (offset: number) => void;
}) {
  if (count === 0) return null;
  return (
    <nav aria-label={texts.pages} className="mt-6 flex flex-wrap items-center gap-3">
      <p aria-live="polite" className="me-auto text-sm text-muted">
        {texts.range(offset + 1, offset + count, total)}
      </p>
      <Button
        disabled={offset === 0}
        onClick={() => onMove(Math.max(0, offset - PAGE_SIZE))}
        variant="tertiary"
      >
        {texts.previous}
      </Button>
      <Button
        disabled={offset + count >= total}
        onClick={() => onMove(offset + PAGE_SIZE)}
        variant="tertiary"
      >
        {texts.next}
      </Button>
    </nav>
  );
}
