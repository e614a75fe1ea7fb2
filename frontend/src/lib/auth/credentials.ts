import { z } from "zod";
import { type AccessToken, MintingRefused, mintAccessToken } from "#lib/auth/access-token.ts";
import { accessTokenCookie, accessTokenCookieName } from "#lib/auth/access-token-cookie.ts";
import { MAX_AUTH_BODY, mediaTypeOf, parseObject, readBody, UnreadableBody } from "#lib/auth/body.ts";
import { type ClientKind, kindOfNewSession, openingSessionFor } from "#lib/auth/client-kind.ts";
import { handleAuthRequest } from "#lib/auth/handler.ts";
import { newPasswordErrors, passwordRefusal } from "#lib/auth/new-password.ts";
import { translateRefusal } from "#lib/auth/refusals.ts";
import { toFieldError, userEmail, userName } from "#lib/auth/user-fields.ts";
import { log, summarize } from "#lib/log.ts";
import { problemResponse, renderProblem } from "#lib/problem.ts";
import { inRequestScope } from "#lib/request-scope.ts";

export type PublicUser = { id: string; email: string; name: string };

/** What a sign-up or sign-in gives: who it is, the token, and the cookies of the session behind it. */
export type Issued = AccessToken & { user: PublicUser; setCookies: string[] };

const FORMS = {
  "sign-up": {
    endpoint: "/api/auth/sign-up/email",
    schema: z.object({
      name: userName,
      email: userEmail,
      password: z.string("Enter a password.").superRefine((value, context) => {
        for (const { code, message } of newPasswordErrors(value)) {
          context.addIssue({ code: "custom", message, params: { rule: code } });
        }
      }),
    }),
  },
  "sign-in": {
    endpoint: "/api/auth/sign-in/email",
    schema: z.object({
      email: userEmail,
      password: z
        .string("Enter your password.")
        .min(1, "Enter your password.")
        .max(1024, "Use at most 1024 characters."),
      rememberMe: z.boolean("Must be true or false.").optional(),
    }),
  },
} as const;

/** Signs up or in through Better Auth's own handler and mints the access token, or tells why not as a response. */
async function issueCredentials(
  form: keyof typeof FORMS,
  request: Request,
  kind: ClientKind,
): Promise<Issued | Response> {
  const { endpoint, schema } = FORMS[form];
  let body: Uint8Array<ArrayBuffer>;
  try {
    body = await readBody(request, MAX_AUTH_BODY);
  } catch (error) {
    if (error instanceof UnreadableBody) return error.toResponse();
    throw error;
  }
  if (mediaTypeOf(request) !== "application/json") return problemResponse("unsupported_media_type");
  const input = parseObject(body);
  if (!input) return problemResponse("malformed_json");
  const parsed = schema.safeParse(input);
  if (!parsed.success) return refuseInput(parsed.error);

  const headers = new Headers(request.headers);
  headers.delete("content-length");
  const answer = await openingSessionFor(kind, () =>
    handleAuthRequest(
      new Request(new URL(endpoint, request.url), {
        method: "POST",
        headers,
        body: JSON.stringify(parsed.data),
      }),
    ),
  );
  if (!answer.ok) return answer;
  return withToken(answer, kind);
}

function refuseInput({ issues }: z.ZodError): Response {
  const errors = issues.map(toFieldError);
  const weakPasswordOnly = issues.every((issue) => issue.code === "custom");
  return weakPasswordOnly
    ? renderProblem(passwordRefusal(errors), new Headers())
    : problemResponse("validation_failed", { errors });
}

async function withToken(answer: Response, kind: ClientKind): Promise<Issued | Response> {
  const { user } = (await answer.json()) as { user: PublicUser };
  const setCookies = answer.headers.getSetCookie();
  try {
    const minted = await mintAccessToken(cookiesOf(setCookies), kind);
    if (!minted) return problemResponse("session_ended");
    const { accessToken, expiresIn } = minted;
    return { user: { id: user.id, email: user.email, name: user.name }, accessToken, expiresIn, setCookies };
  } catch (error) {
    if (error instanceof MintingRefused && error.response.status < 500)
      return translateRefusal(error.response);
    // The session is there, and after a sign-up the account: a 503 would say that nothing was done.
    log("error", "token_not_minted", { cause: summarize(error) });
    return problemResponse("outcome_unknown");
  }
}

/** The Cookie header of whoever has just taken these. */
const cookiesOf = (setCookies: string[]): Headers =>
  new Headers({ cookie: setCookies.map((cookie) => cookie.split(";", 1)[0]).join("; ") });

/** Signs up or in, and answers by who asks: a client that holds its tokens gets one (RFC 6749, section 5.1); a browser gets
 * it into an HttpOnly cookie, where no script can read it. */
export const startSession = (
  form: keyof typeof FORMS,
  request: Request,
  kind: ClientKind = kindOfNewSession(request.headers),
): Promise<Response> =>
  inRequestScope(request, async () => {
    const issued = await issueCredentials(form, request, kind);
    if (issued instanceof Response) return issued;
    const { user, accessToken, expiresIn, setCookies } = issued;
    if (kind === "browser") return respond({ user }, withTokenCookie(issued));
    return respond(
      { user, access_token: accessToken, token_type: "Bearer", expires_in: expiresIn },
      setCookies,
    );
  });

const withTokenCookie = (issued: Issued): string[] => [
  ...issued.setCookies.filter((cookie) => !cookie.startsWith(`${accessTokenCookieName()}=`)),
  accessTokenCookie(issued, cookiesOf(issued.setCookies)),
];

function respond(body: unknown, cookies: string[]): Response {
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  return new Response(JSON.stringify(body), { headers });
}
