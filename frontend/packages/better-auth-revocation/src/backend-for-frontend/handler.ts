import { getIP } from "@better-auth/core/utils/ip";
import { decodeJwt, type JWTPayload } from "jose";
import { AccessTokenCookie } from "./access-token-cookie.ts";
import { type BackendAuth, type BackendContext, sessionCookieNames } from "./auth.ts";
import { uncached } from "./cache-control.ts";
import { callApi } from "./call-api.ts";
import { type ClientAddress, clientAddressOf } from "./client-address.ts";
import { encodedPath } from "./encoded-path.ts";
import { isMeantFor } from "./expected-subject.ts";
import { KeptBody, UnreadableBody } from "./kept-body.ts";
import { type MintedToken, MintingRefused, mintAccessToken } from "./mint.ts";
import { type BackendForFrontendOptions, type BackendSettings, backendSettings } from "./options.ts";
import { isFromOwnPage } from "./same-origin.ts";
import { isSlidingDue, Sliding } from "./sliding.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
/** Refusals that a new token mends, as long as the session behind it lives. */
const MENDABLE = new Set(["token_missing", "token_expired", "token_revoked", "token_invalid"]);
/** What of a caller's X-Request-ID is harmless in a log. */
const HARMLESS_ID = /^[\w.-]{1,64}$/;

export interface ApiCallOptions {
  /** False for a caller that can't hand the answer's cookies to the browser, such as a page's first rendering: a session that
   * was extended without them ends in the browser all the same. Default: true. */
  mint?: boolean;
}

/** Sends a browser's request on to `path` (decoded segments) of the API. */
export type ApiProxy = (request: Request, path: string[], options?: ApiCallOptions) => Promise<Response>;

/** The backend-for-frontend: calls the API with the token from the browser's HttpOnly cookie, and renews that token in the
 * same request, as long as the session behind it lives; also when the session is due to be extended. */
export function createApiProxy(auth: BackendAuth, options: BackendForFrontendOptions): ApiProxy {
  const settings = backendSettings(options);
  const sliding = new Sliding();
  return async (request, path, { mint = true } = {}) => {
    const context = await auth.$context;
    const failed: BackendSettings["onFailure"] =
      settings.onFailure ??
      ((failure, error) => context.logger.warn(`[backend-for-frontend] ${failure}`, error));
    try {
      const own = { ...settings, onFailure: failed };
      return await answer(request, path, { auth, context, settings: own, sliding, mint });
    } catch (error) {
      if (error instanceof UnreadableBody) return settings.problem("bad_request");
      if (error instanceof MintingRefused) return settings.refusal?.(error.response) ?? error.response;
      failed("backend_request_failed", error);
      return settings.problem("identity_provider_unavailable");
    }
  };
}

type Setting = {
  auth: BackendAuth;
  context: BackendContext;
  settings: BackendSettings;
  sliding: Sliding;
  mint: boolean;
};

async function answer(request: Request, path: string[], setting: Setting): Promise<Response> {
  const { context, settings } = setting;
  if (!SAFE.has(request.method) && !isFromOwnPage(request.headers, await trustedOrigins(context, request))) {
    return settings.problem("origin_not_allowed");
  }
  const apiPath = encodedPath(path);
  if (apiPath === undefined) return settings.problem("not_found");
  const body = SAFE.has(request.method) ? undefined : await KeptBody.of(request);
  const headers = headersOfOurs(request, context, settings);
  return withToken(request, body, setting, (token) =>
    callApi({ request, path: apiPath, body, headers }, settings, token),
  );
}

async function withToken(
  request: Request,
  body: KeptBody | undefined,
  { auth, context, settings, sliding, mint }: Setting,
  call: (token: string) => Promise<Response>,
): Promise<Response> {
  const { headers } = request;
  const cookie = new AccessTokenCookie(sessionCookieNames(context));
  const held = cookie.held(headers);
  const session = cookie.sessionIn(headers);
  const minting = async () =>
    mint && session !== undefined ? mintAccessToken(auth, request, session) : undefined;
  const handingOver = (answered: Response, minted: MintedToken) =>
    withCookies(answered, [...minted.setCookies, cookie.set(minted, headers)]);
  const claims = held ? decodeJwt(held) : {};
  if (held && !hasExpired(claims)) {
    if (!isMeantFor(headers, claims.sub)) return settings.problem("wrong_subject");
    const answered = await call(held);
    if (!mint) return answered;
    if (!(await isMendable(answered))) {
      if (cookie.isForgottenOnClose(headers) || !isSlidingDue(claims, context)) return answered;
      const minted = await sliding.attempt(minting, (error) =>
        settings.onFailure?.("backend_request_failed", error),
      );
      return minted ? handingOver(answered, minted) : answered;
    }
  }
  const minted = await minting();
  // The revoked token stays in its cookie: by it a sign-in page can tell why the session is over.
  if (!minted) return settings.problem("session_ended");
  if (!isMeantFor(headers, decodeJwt(minted.accessToken).sub)) return settings.problem("wrong_subject");
  const answered = body?.isSpent ? settings.problem("body_not_repeated") : await call(minted.accessToken);
  return handingOver(answered, minted);
}

const hasExpired = ({ exp = 0 }: JWTPayload): boolean => exp * 1000 <= Date.now();

async function isMendable(answered: Response): Promise<boolean> {
  if (answered.status !== 401) return false;
  const problem: unknown = await answered
    .clone()
    .json()
    .catch(() => undefined);
  const code = (problem as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && MENDABLE.has(code);
}

function withCookies(answered: Response, cookies: MintedToken["setCookies"]): Response {
  const headers = new Headers(answered.headers);
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  headers.set("Cache-Control", uncached(headers.get("cache-control")));
  return new Response(answered.body, { status: answered.status, headers });
}

/** Who may call: Better Auth's trusted origins, patterns included, and, where it has no `baseURL`, the origin that was asked. */
async function trustedOrigins(context: BackendContext, request: Request) {
  const { trustedOrigins: given, baseURL } = context.options;
  const listed = typeof given === "function" ? ((await given(request)) ?? []) : [];
  const asked = baseURL ? [] : [new URL(request.url).origin];
  const dynamic: BackendContext = Object.create(context, {
    trustedOrigins: { value: [...listed, ...asked].filter(Boolean) },
  });
  return (origin: string): boolean => context.isTrustedOrigin(origin) || dynamic.isTrustedOrigin(origin);
}

function headersOfOurs(
  request: Request,
  { options }: BackendContext,
  settings: BackendSettings,
): Record<string, string> {
  const plugin = options.plugins?.find(({ id }) => id === "revocation");
  const given = settings.clientAddress ?? (plugin?.options?.["clientAddress"] as ClientAddress | undefined);
  const address = given ? clientAddressOf(request.headers, given) : betterAuthsAddress(request, options);
  const ownId = request.headers.get("x-request-id") ?? "";
  const id = settings.requestId?.(request) ?? (HARMLESS_ID.test(ownId) ? ownId : undefined);
  return { ...(address && { "x-forwarded-for": address }), ...(id && { "x-request-id": id }) };
}

/** The address by which Better Auth counts, of IPv6 the whole. */
const betterAuthsAddress = (request: Request, { advanced }: BackendContext["options"]): string | null =>
  getIP(request, { advanced: { ipAddress: { ...advanced?.ipAddress, ipv6Subnet: 128 } } });
