import { describe, expect, test } from "vitest";
import { type ErrorCode, errors } from "#contract/errors.ts";
import { problemResponse } from "#server/http/problem.ts";

describe.each(Object.keys(errors) as ErrorCode[])("%s", (code) => {
  const { status }: { status: number } = errors[code];

  test("is a problem document with the catalogue's status, never cached", async () => {
    const answer = problemResponse(code);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({
      type: "about:blank",
      title: errors[code].title,
      status,
      detail: errors[code].detail,
      code,
    });
  });

  test("says Retry-After exactly when it is an outage", () => {
    expect(problemResponse(code).headers.has("retry-after")).toBe(status === 503);
  });
});

test("headers and field errors are passed on", async () => {
  const fields = [{ field: "name", code: "too_small", message: "Enter your name." }];
  const answer = problemResponse("validation_failed", { errors: fields, headers: { "Set-Cookie": "a=b" } });
  expect(answer.headers.getSetCookie()).toEqual(["a=b"]);
  expect(await answer.json()).toMatchObject({ errors: fields });
});
