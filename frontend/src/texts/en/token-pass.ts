/* The picture of an access token. */

export const title = "Access token";
export const kind = "JWT";
export const rows = [
  ["Issued by", "Better Auth, in Next.js"],
  ["Accepted by", "FastAPI, without a look‑up"],
  ["Good for", "30 days"],
  ["Revoked", "at the next request"],
] as const;
export const kept = "Kept in a cookie that no script can read.";
