/** How a button looks. */
export interface ButtonLook {
  variant?: "primary" | "tertiary" | "ghost" | "danger" | "danger-soft";
  size?: "sm" | "md" | "lg";
  className?: string | undefined;
}

/** The component library's classes of a button, for whatever shall look like one. */
export const buttonClass = ({ variant = "primary", size = "md", className = "" }: ButtonLook = {}): string =>
  `button button--${size} button--${variant} ${className}`.trim();
