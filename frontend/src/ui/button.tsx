import type { ComponentProps } from "react";
import { type ButtonLook, buttonClass } from "#ui/button-class.ts";

type Props = Omit<ComponentProps<"button">, "className"> &
  ButtonLook & {
    /** What it set off is under way: it stays where it is, keeps the focus, and does nothing more. */
    isPending?: boolean;
  };

export function Button({ variant, size, className, isPending = false, onClick, ...props }: Props) {
  return (
    <button
      type="button"
      {...props}
      {...(isPending && { "aria-disabled": true, "data-pending": true })}
      className={buttonClass({ ...(variant && { variant }), ...(size && { size }), className })}
      onClick={(event) => {
        if (isPending) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
