/** Where something is about to be; `className` gives its size. */
export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden="true" className={`skeleton skeleton--shimmer ${className}`} />;
}
