/** Turns while something is under way. Decoration: the words beside it say so too. */
export function Spinner() {
  return (
    <svg aria-hidden="true" className="size-4 animate-spin motion-reduce:animate-none" viewBox="0 0 16 16">
      <circle cx="8" cy="8" fill="none" opacity=".3" r="6" stroke="currentColor" strokeWidth="2" />
      <path d="M14 8a6 6 0 0 0-6-6" fill="none" stroke="currentColor" strokeLinecap="round" strokeWidth="2" />
    </svg>
  );
}
