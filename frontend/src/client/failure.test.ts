import { expect, test } from "vitest";
import { refusalOf } from "#client/failure.ts";

test("a problem document gives its code, its fields and the wait", async () => {
  const fields = [{ field: "password", code: "number", message: "Add a number." }];
  const response = Response.json(
    { code: "password_policy", errors: fields },
    { status: 422, headers: { "retry-after": "7" } },
  );
  expect(await refusalOf(response)).toMatchObject({
    status: 422,
    code: "password_policy",
    fields,
    retryAfter: 7,
  });
});

test.each(["<h1>Bad gateway</h1>", "null", "[]", '{"code":7,"errors":[null,{"field":1}]}'])(
  "a body that is none of ours gives a refusal without a code: %s",
  async (body) => {
    const refusal = await refusalOf(new Response(body, { status: 502 }));
    expect(refusal).toMatchObject({ status: 502, code: undefined, fields: [], retryAfter: undefined });
  },
);
