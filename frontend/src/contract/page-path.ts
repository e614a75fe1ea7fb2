/** Header by which proxy.ts tells a layout, which Next.js does not, what page it is for. */
export const PAGE_PATH = "x-page-path";
