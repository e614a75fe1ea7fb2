"use client";

import { type FormEvent, useCallback, useState } from "react";
import { listUsers, PAGE_SIZE, type UserPage } from "#features/admin/admin-api.ts";
import { UserRow } from "#features/admin/user-row.tsx";
import * as texts from "#texts/admin.ts";
import { Button } from "#ui/button.tsx";
import { LoadFailure } from "#ui/load-failure.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { useLoaded } from "#ui/use-loaded.ts";

type View = {
  search: string;
  offset: number;
  /** What the server has rendered, if it could read it. */
  initial?: UserPage | undefined;
};

/** All users, found by name or address, with what an administrator may do to each.
 * @param first what the page begins with */
export function AdminView({ ownId, first }: { ownId: string; first: View }) {
  const [view, setView] = useState(first);
  const load = useCallback(() => listUsers(view.search, view.offset), [view]);
  const { value, failure, reload } = useLoaded(load, view.initial);

  function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setView({ search: String(new FormData(event.currentTarget).get("search")).trim(), offset: 0 });
  }

  return (
    <>
      <form action="/admin" className="mb-8 flex max-w-lg items-end gap-2" onSubmit={search}>
        <label className="flex flex-1 flex-col gap-1.5 text-sm font-medium">
          {texts.search}
          <input
            autoCapitalize="none"
            autoComplete="off"
            className="input input--full-width"
            defaultValue={first.search}
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
            onMove={(offset) => setView({ search: view.search, offset })}
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
      {total > PAGE_SIZE && (
        <>
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
        </>
      )}
    </nav>
  );
}
