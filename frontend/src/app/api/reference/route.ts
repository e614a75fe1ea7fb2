import { env } from "#server/env.ts";

/** Leads to the API's own documentation, wherever the API is: the page that links here is rendered beforehand. */
export const GET = (): Response =>
  new Response(null, {
    status: 307,
    headers: { Location: `${env().API_URL}/docs`, "Cache-Control": "no-store" },
  });
