import type { ServerResponse } from "node:http";
import { errors } from "#contract/errors.ts";

const { status, retryAfter } = errors.service_unavailable;

/** A page that can't be rendered, for want of the database as a rule, is an outage; Next.js would answer 500. */
export function answerOutageWith503(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (
    status: number,
    ...rest: unknown[]
  ) => ServerResponse;
  response.writeHead = ((given: number, ...rest: unknown[]) => {
    if (given !== 500) return writeHead(given, ...rest);
    response.setHeader("Retry-After", retryAfter);
    response.statusMessage = "";
    return writeHead(status, ...rest.filter((one) => typeof one !== "string"));
  }) as ServerResponse["writeHead"];
}
