import { Skeleton } from "#ui/skeleton.tsx";

const WIDTHS = ["w-1/3", "w-2/5", "w-1/4", "w-[30%]"];

/** Placeholders for a list of up to four rows while it is loaded. */
export function RowSkeletons({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <>
      <span className="sr-only" role="status">
        {label}
      </span>
      <div className="divide-y divide-separator">
        {WIDTHS.slice(0, rows).map((width) => (
          <div className="space-y-2.5 py-5 first:pt-0" key={width}>
            <Skeleton className={`h-5 rounded ${width}`} />
            <Skeleton className="h-4 w-3/5 rounded" />
          </div>
        ))}
      </div>
    </>
  );
}
