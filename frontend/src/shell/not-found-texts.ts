/** What is said at an address without a page. */
export const NOT_FOUND = {
  title: "Page not found",
  text: "The address may be mistyped, or what was here has been deleted.",
};
