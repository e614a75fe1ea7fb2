export const THEME_COOKIE = "theme";

/** A chosen theme out of a cookie's value; undefined means: as the system has it. */
export function themeOf(value: string | undefined): "light" | "dark" | undefined {
  return value === "light" || value === "dark" ? value : undefined;
}
