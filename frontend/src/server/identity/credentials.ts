import { type ClientKind, kindOfNewSession, openingSessionFor } from "better-auth-revocation/composition";
import { z } from "zod";
import { errors } from "#contract/errors.ts";
import { problemResponse, renderProblem } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { MAX_AUTH_BODY, mediaTypeOf, parseObject, readBody } from "#server/identity/body.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { callBetterAuth, guarded, refuseNul } from "#server/identity/handler.ts";
import { admitHashing } from "#server/identity/hashing.ts";
import { isIdempotencyKey, release } from "#server/identity/idempotency-records.ts";
import { type Issued, type Issuing, whileIssuing } from "#server/identity/issuing.ts";
import { newPasswordErrors, passwordRefusal } from "#server/identity/new-password.ts";
import { toFieldError, userEmail, userName } from "#server/identity/user-fields.ts";

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

/** Signs up or in through Better Auth's own handler, and answers by who asks: a client that holds its tokens gets one
 * (RFC 6749, section 5.1); a browser gets it into an HttpOnly cookie, where no script can read it. */
export async function startSession(
  form: keyof typeof FORMS,
  request: Request,
  kind: ClientKind = kindOfNewSession(request.headers),
): Promise<Response> {
  let issuing: Issuing | undefined;
  return inRequestScope(request, async () => {
    const answer = await guarded(request, async () => {
      const input = await readInput(form, request);
      if (input instanceof Response) return input;
      const key = form === "sign-up" ? request.headers.get("idempotency-key") : null;
      if (key !== null && !isIdempotencyKey(key)) return problemResponse("bad_request");
      issuing = {
        form,
        kind,
        input: { ...input, email: input.email.toLowerCase() },
        ...(key && { idempotency: { key } }),
      };
      return issue(issuing, request, new TextEncoder().encode(JSON.stringify(input)));
    });
    if (issuing && !answer.ok && answer.status !== errors.outcome_unknown.status) await release(issuing);
    return answer;
  });
}

const issue = (issuing: Issuing, request: Request, body: Uint8Array<ArrayBuffer>): Promise<Response> => {
  const { form, kind } = issuing;
  const url = new URL(FORMS[form].endpoint, request.url);
  return admitHashing(request.headers, url.pathname, async () => {
    const answer = await openingSessionFor(kind, () =>
      whileIssuing(issuing, () => callBetterAuth(request, url, body)),
    );
    return answer.ok && issuing.issued ? respond(issuing.issued, issuing, answer) : answer;
  });
};

/** The form's fields, or why they can't be taken. */
async function readInput(form: keyof typeof FORMS, request: Request): Promise<Input | Response> {
  const body = await readBody(request, MAX_AUTH_BODY);
  if (mediaTypeOf(request) !== "application/json") return problemResponse("unsupported_media_type");
  const sent = parseObject(body);
  if (!sent) return problemResponse("malformed_json");
  const { data, error } = FORMS[form].schema.safeParse(sent);
  return error ? refuseInput(error) : (refuseNul(data) ?? data);
}

type Input = { email: string; password: string; name?: string; rememberMe?: boolean | undefined };

function refuseInput({ issues }: z.ZodError): Response {
  const faults = issues.map(toFieldError);
  const weakPasswordOnly = issues.every((issue) => issue.code === "custom");
  return weakPasswordOnly
    ? renderProblem(passwordRefusal(faults), new Headers())
    : problemResponse("validation_failed", { errors: faults });
}

function respond(issued: Issued, { kind, input }: Issuing, answer: Response): Response {
  const { user, accessToken, expiresIn, sessionToken } = issued;
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  const own = accessTokenCookie();
  for (const cookie of answer.headers.getSetCookie()) {
    if (kind === "token" || !cookie.startsWith(`${own.name}=`)) headers.append("Set-Cookie", cookie);
  }
  if (kind === "token") {
    const body = { user, access_token: accessToken, token_type: "Bearer", expires_in: expiresIn };
    return new Response(JSON.stringify(body), { headers });
  }
  headers.append("Set-Cookie", own.setFor(issued, sessionToken, input.rememberMe === false));
  return new Response(JSON.stringify({ user }), { headers });
}
