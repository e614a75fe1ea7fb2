import type { BackendAuth } from "./backend-for-frontend/auth.ts";
import { createApiProxy } from "./backend-for-frontend/handler.ts";
import type { BackendForFrontendOptions } from "./backend-for-frontend/options.ts";
import { authHandler } from "./server.ts";

export type { BackendForFrontendOptions } from "./backend-for-frontend/options.ts";

/** A route handler in a folder `[...path]`. */
type RouteHandler = (request: Request, context: { params: Promise<{ path: string[] }> }) => Promise<Response>;

/** The backend-for-frontend as the route handlers of `app/api/backend/[...path]/route.ts`:
 *
 * ```ts
 * export const { GET, POST, PUT, PATCH, DELETE } = backendForFrontend(auth, { api: process.env.API_URL });
 * ```
 * @throws RevocationError for options that can't work, though not while Next.js builds */
export function backendForFrontend(auth: BackendAuth, options: BackendForFrontendOptions) {
  const proxy = createApiProxy(auth, options);
  const handle: RouteHandler = async (request, { params }) => proxy(request, (await params).path);
  return { GET: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle };
}

/** Better Auth as the route handlers of `app/api/auth/[...all]/route.ts`, told the client's address where the plugin's
 * `clientAddress` counts proxies. Elsewhere Better Auth's own `toNextJsHandler` does the same. */
export function authRoutes(auth: Parameters<typeof authHandler>[0]) {
  const handle = authHandler(auth);
  return { GET: handle, POST: handle };
}
