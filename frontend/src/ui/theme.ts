const STORED = "theme";

/** Applies a chosen theme before the first paint. It stands inline in every page; its hash, in every policy. */
export const THEME_SCRIPT = `try{const t=localStorage.getItem("${STORED}");if(t==="dark"||t==="light")document.documentElement.dataset.theme=t}catch{}`;

/** Remembers a theme on this device. Where storage is closed to us, the choice lasts until the page is left. */
export function rememberTheme(theme: "light" | "dark"): void {
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    return;
  }
}
