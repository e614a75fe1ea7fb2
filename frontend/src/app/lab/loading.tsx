import { SiteHeader } from "#shell/site-header.tsx";
import * as texts from "#texts/lab.ts";
import { Skeleton } from "#ui/skeleton.tsx";

export default function Loading() {
  return (
    <div className="skeletons">
      <SiteHeader exit={<Skeleton className="h-8 w-20 rounded-full" />} />
      <main className="mx-auto w-full max-w-6xl px-5 pt-6 pb-16 sm:px-8 sm:pt-10" id="main">
        <h1 className="font-display text-3xl font-medium tracking-tight sm:text-5xl">{texts.title}</h1>
        <p className="mt-3 mb-7 text-lg leading-8 text-muted max-sm:hidden">{texts.lead}</p>
        <div className="grid grid-cols-1 gap-6 max-sm:mt-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <Skeleton className="h-[33rem] rounded-2xl" />
          <Skeleton className="h-[33rem] rounded-2xl max-lg:hidden" />
        </div>
      </main>
    </div>
  );
}
