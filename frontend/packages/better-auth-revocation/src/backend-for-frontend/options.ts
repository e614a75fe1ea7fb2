import { RevocationError } from "../errors.ts";
import type { ClientAddress } from "./client-address.ts";
import { type BackendProblem, problemResponse } from "./problems.ts";

/** What went wrong in a request that was answered with a 503 or 504. */
export type BackendFailure = "api_unreachable" | "backend_request_failed";

export interface BackendForFrontendOptions {
  /** The API's address, with a path if its routes are beneath one: `https://api.example.com`. A function is asked for
   * each request. */
  api: string | (() => string) | undefined;
  /** Where the backend-for-frontend itself is. Default: `/api/backend`. */
  path?: string;
  /** How the client's address is known, which the API gets as `X-Forwarded-For`. Default: as Better Auth knows it. */
  clientAddress?: ClientAddress;
  /** The id by which the API may log a request. Default: the request's own `X-Request-ID`, if it is harmless. */
  requestId?: (request: Request) => string | undefined;
  /** Makes the answers that are the backend-for-frontend's own. Default: problem bodies (RFC 9457). */
  problem?: (code: BackendProblem) => Response;
  /** Makes the answer from Better Auth's refusal to mint a token. Default: that refusal as it is. */
  refusal?: (response: Response) => Response | Promise<Response>;
  /** Is told of failures. Default: Better Auth's logger. */
  onFailure?: (failure: BackendFailure, error: unknown) => void;
}

export interface BackendSettings extends BackendForFrontendOptions {
  path: string;
  /** The API's address, without a slash at its end. */
  apiUrl: () => URL;
  problem: (code: BackendProblem) => Response;
}

/** Next.js evaluates routes while it builds, where the server's settings need not be. */
const isBuilding = (): boolean => process.env["NEXT_PHASE"] === "phase-production-build";

/** The options with their defaults.
 * @throws RevocationError that names the option and the remedy */
export function backendSettings(options: BackendForFrontendOptions): BackendSettings {
  const { api, path = "/api/backend" } = options;
  if (!/^(?:\/[\w~.-]+)+$/.test(path)) {
    throw new RevocationError(`\`path\` is "${path}"; give a path such as /api/backend`);
  }
  if (typeof api !== "function" && !isBuilding()) parseApi(api);
  const given = typeof api === "function" ? api : () => api;
  return { problem: problemResponse, ...options, path, apiUrl: () => parseApi(given()) };
}

function parseApi(api: string | undefined): URL {
  const url = URL.parse(api ?? "");
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    const found = api ? "no address of an API" : "missing";
    throw new RevocationError(`\`api\` is ${found}; set it to a URL such as https://api.example.com`);
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}
