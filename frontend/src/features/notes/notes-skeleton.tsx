import * as texts from "#texts/notes.ts";
import { Skeleton } from "#ui/skeleton.tsx";

export function NotesSkeleton() {
  return (
    <div className="divide-y divide-separator">
      <span className="sr-only" role="status">
        {texts.loading}
      </span>
      {["w-2/5", "w-3/5", "w-1/3"].map((width) => (
        <div className="space-y-3 py-7" key={width}>
          <Skeleton className={`h-6 rounded ${width}`} />
          <Skeleton className="h-4 w-full max-w-xl rounded" />
          <Skeleton className="h-4 w-4/5 max-w-lg rounded" />
        </div>
      ))}
    </div>
  );
}
