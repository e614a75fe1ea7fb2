import { PageTitle } from "#shell/page-title.tsx";
import * as texts from "#texts/admin.ts";
import * as pages from "#texts/pages.ts";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { Skeleton } from "#ui/skeleton.tsx";

export default function Loading() {
  return (
    <div className="skeletons">
      <PageTitle>{pages.users}</PageTitle>
      <Skeleton className="mb-8 h-[4.375rem] max-w-lg rounded-lg" />
      <RowSkeletons label={texts.loading} rows={4} />
    </div>
  );
}
