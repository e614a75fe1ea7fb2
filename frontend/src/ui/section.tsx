import { type ReactNode, useId } from "react";

/** A titled part of a page, the title beside its content where there is room. */
export function Section({
  title,
  text,
  id: anchor,
  children,
}: {
  title: string;
  text?: string;
  /** To link to. */
  id?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      id={anchor}
      className="grid grid-cols-1 gap-x-16 gap-y-5 border-t border-border py-10 lg:grid-cols-[17rem_minmax(0,1fr)]"
    >
      <div>
        <h2 className="font-display text-2xl font-semibold" id={id}>
          {title}
        </h2>
        {text && <p className="mt-2 text-sm leading-6 text-muted">{text}</p>}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
