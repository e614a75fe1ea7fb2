import * as texts from "#texts/account.ts";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { Section } from "#ui/section.tsx";
import { Skeleton } from "#ui/skeleton.tsx";

/** The account page before its data is there, in the same places. */
export function AccountSkeleton() {
  return (
    <>
      <Skeleton className="-mt-4 mb-10 h-6 w-72 max-w-full rounded" />
      <Section text={texts.sessions.text} title={texts.sessions.title}>
        <RowSkeletons label={texts.loading} rows={1} />
        <Skeleton className="mt-5 h-9 w-80 max-w-full rounded-xl" />
      </Section>
      <Section text={texts.password.text} title={texts.password.title}>
        <Skeleton className="h-72 max-w-md rounded-lg" />
      </Section>
    </>
  );
}
