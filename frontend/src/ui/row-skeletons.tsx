import { Skeleton } from "#ui/skeleton.tsx";

/** Where a list is about to be. */
export function RowSkeletons({ label }: { label: string }) {
  return (
    <div className="divide-y divide-separator">
      <span className="sr-only" role="status">
        {label}
      </span>
      {["w-1/3", "w-2/5", "w-1/4"].map((width) => (
        <div className="space-y-2.5 py-5 first:pt-0" key={width}>
          <Skeleton className={`h-5 rounded ${width}`} />
          <Skeleton className="h-4 w-3/5 rounded" />
        </div>
      ))}
    </div>
  );
}
