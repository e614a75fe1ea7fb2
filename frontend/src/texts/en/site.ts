/** What the product calls itself. */
export const SITE_NAME = "Recall";
