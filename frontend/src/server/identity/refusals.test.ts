import { describe, expect, test } from "vitest";
import { translateRefusal } from "#server/identity/refusals.ts";

const refuse = (status: number, body?: unknown, headers: Record<string, string> = {}) =>
  translateRefusal(new Response(body === undefined ? null : JSON.stringify(body), { status, headers }));

describe("Better Auth's own codes get the catalogue's", () => {
  test.each([
    [403, "BANNED_USER", 403, "account_banned"],
    [401, "INVALID_EMAIL_OR_PASSWORD", 401, "invalid_credentials"],
    [403, "INVALID_ORIGIN", 403, "origin_not_allowed"],
    [403, "MISSING_OR_NULL_ORIGIN", 403, "origin_not_allowed"],
    [403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED", 403, "origin_not_allowed"],
    [422, "USER_ALREADY_EXISTS", 422, "email_taken"],
    [422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", 422, "email_taken"],
    [400, "VALIDATION_ERROR", 422, "validation_failed"],
    [401, "UNAUTHORIZED", 401, "session_ended"],
    [401, undefined, 401, "session_ended"],
    [404, undefined, 404, "not_found"],
    [405, undefined, 405, "method_not_allowed"],
    [413, undefined, 413, "payload_too_large"],
    [415, undefined, 415, "unsupported_media_type"],
    [400, undefined, 400, "bad_request"],
  ])("%i %s becomes %i %s", async (status, theirs, expected, code) => {
    const answer = await refuse(status, theirs && { code: theirs, message: "Theirs" });
    expect(answer.status).toBe(expected);
    expect(await answer.json()).toMatchObject({ type: "about:blank", status: expected, code });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

test("an answer that is no refusal passes as it is", async () => {
  const answer = new Response("{}", { status: 200 });
  expect(await translateRefusal(answer)).toBe(answer);
});

test.each([500, 502, 503])("a %i becomes an outage that tells nothing", async (status) => {
  const answer = await refuse(status, { message: "duplicate key in secret_table" }, { "set-cookie": "a=b" });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  const body = await answer.text();
  expect(JSON.parse(body).code).toBe("identity_provider_unavailable");
  expect(body).not.toContain("secret_table");
});

test.each([
  [{ "x-retry-after": "7" }, "7"],
  [{}, "10"],
])("a 429 with %o says Retry-After: %s", async (headers, expected) => {
  const answer = await refuse(429, { message: "Too many" }, headers);
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe(expected);
  expect(await answer.json()).toMatchObject({ code: "rate_limited" });
});

test("a problem of our own passes with its field errors, and its cookies", async () => {
  const errors = [{ field: "password", code: "number", message: "Add a number." }];
  const own = {
    type: "about:blank",
    title: "Weak",
    status: 422,
    detail: "-",
    code: "password_policy",
    errors,
  };
  const answer = await refuse(422, own, { "set-cookie": "a=b", "content-length": "999" });
  expect(await answer.json()).toEqual(own);
  expect(answer.headers.getSetCookie()).toEqual(["a=b"]);
  expect(answer.headers.get("content-length")).toBeNull();
});

test("a code that the catalogue lacks keeps its name and sentence", async () => {
  const answer = await refuse(400, { code: "INVALID_PASSWORD", message: "Invalid password" });
  expect(await answer.json()).toMatchObject({
    status: 400,
    code: "INVALID_PASSWORD",
    detail: "Invalid password",
  });
});
