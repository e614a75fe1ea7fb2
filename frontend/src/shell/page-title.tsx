/** The heading of a page behind sign-in; a name may be long, and from right to left. */
export function PageTitle({ children }: { children: string }) {
  return (
    <h1 className="mb-8 font-display text-4xl font-medium tracking-tight wrap-anywhere sm:text-5xl">
      <bdi>{children}</bdi>
    </h1>
  );
}
