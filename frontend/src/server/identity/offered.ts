import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { auth } from "#server/identity/server.ts";

type Endpoint = {
  path?: string;
  options?: { method?: string | string[]; metadata?: Record<string, unknown> };
};

/** Endpoints of Better Auth that this application has no use for, and that somebody else might. */
const CLOSED = new Set([
  // Says whether a guess is right; changing a password asks for the present one anyway.
  "/verify-password",
]);

/** The package's endpoints, which this application replaces with its own, because those write the audit log. */
const REPLACED = "/revocation/";

let offered: Map<string, Set<string>> | undefined;

/** The methods of each address of the identity provider. One with a parameter in its path, which here only social
 * sign-in and Better Auth's own reset page would need, is not offered: each value would get a rate-limit row. */
export function offeredEndpoints(): Map<string, Set<string>> {
  if (offered) return offered;
  offered = new Map();
  for (const { path, options } of Object.values(auth().api) as Endpoint[]) {
    if (
      !path ||
      /[:*]/.test(path) ||
      CLOSED.has(path) ||
      path.startsWith(REPLACED) ||
      options?.metadata?.["SERVER_ONLY"]
    )
      continue;
    const methods = offered.get(path) ?? new Set();
    for (const method of [options?.method ?? []].flat()) methods.add(method);
    offered.set(path, methods);
  }
  return offered;
}

/** Refuses what no endpoint answers, before anything is counted or stored for it. */
export function refuseUnlessOffered({ url, method }: Request): Response | undefined {
  const path = new URL(url).pathname.slice(new URL("/api/auth", env().BETTER_AUTH_URL).pathname.length);
  const methods = offeredEndpoints().get(path);
  if (!methods) return problemResponse("not_found");
  if (methods.has(method === "HEAD" ? "GET" : method)) return undefined;
  return problemResponse("method_not_allowed", { headers: { Allow: [...methods].join(", ") } });
}
