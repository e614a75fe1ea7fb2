import * as anyAuth from "#app/api/auth/[...path]/route.ts";
import * as jwks from "#app/api/auth/jwks/route.ts";
import * as signIn from "#app/api/auth/sign-in/route.ts";
import * as signUp from "#app/api/auth/sign-up/route.ts";
import * as backend from "#app/api/backend/[...path]/route.ts";
import * as sessionEvents from "#app/api/session/events/route.ts";
import * as pageSignIn from "#app/api/session/sign-in/route.ts";
import * as pageSignOut from "#app/api/session/sign-out/route.ts";
import * as pageSignUp from "#app/api/session/sign-up/route.ts";
import type { Find } from "#server/http/front.ts";
import { serveMetrics } from "#server/metrics/serve.ts";

type Handler = (request: Request) => Promise<Response>;

const EXACT: Record<string, Partial<Record<string, Handler>>> = {
  "/api/auth/jwks": jwks,
  "/api/auth/sign-in": signIn,
  "/api/auth/sign-up": signUp,
  "/api/metrics": { GET: serveMetrics },
  "/api/session/sign-in": pageSignIn,
  "/api/session/sign-out": pageSignOut,
  "/api/session/sign-up": pageSignUp,
};

/** They go on for as long as somebody listens. */
const STREAMS: typeof EXACT = { "/api/session/events": sessionEvents };

const AUTH = "/api/auth/";
const BACKEND = "/api/backend/";

/** The route handlers of `src/app/api`, by the addresses that their folders give them. */
export const findRoute: Find = (method, path) => {
  const exact = EXACT[path];
  if (exact) return routeOf(exact[method]);
  const stream = STREAMS[path]?.[method];
  if (stream) return { answer: stream, streams: true };
  if (path.startsWith(AUTH)) return routeOf((anyAuth as Partial<Record<string, Handler>>)[method]);
  if (!path.startsWith(BACKEND)) return undefined;
  const handler = (backend as Partial<Record<string, typeof backend.GET>>)[method];
  const params = Promise.resolve({ path: path.slice(BACKEND.length).split("/") });
  return handler && { answer: (request) => handler(request, { params }), streams: true };
};

const routeOf = (answer: Handler | undefined) => answer && { answer };
