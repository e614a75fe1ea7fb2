/** The heading of a page behind sign-in. */
export function PageTitle({ children }: { children: string }) {
  return <h1 className="mb-8 font-display text-4xl font-medium tracking-tight sm:text-5xl">{children}</h1>;
}
