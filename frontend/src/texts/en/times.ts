/* Times, where the browser has no words of its own for them. */

export const inLessThanAMinute = "in less than a minute";
export const justNow = "just now";
/** "in 30 days" without what makes it a moment: "30 days". */
export const withoutIn = (text: string) => text.replace(/^in /, "");
export const minutes = (count: number) => `${count} min`;
export const seconds = (count: number) => `${count} s`;
