import { expect, test } from "vitest";
import { Refusal } from "#client/failure.ts";
import { NetworkError, TimeoutError } from "#client/http.ts";
import { sentenceFor } from "#client/messages.ts";
import { errors } from "#contract/errors.ts";

const codes = Object.keys(errors) as (keyof typeof errors)[];

test.each(codes)("%s is told without internals", (code) => {
  const sentence = sentenceFor(new Refusal(errors[code].status, code));
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(sentence).not.toMatch(/token|JSON|HTTP|scope|origin|header|_/i);
});

test("being too fast says how long to wait", () => {
  expect(sentenceFor(new Refusal(429, "rate_limited", [], 1))).toContain("a second");
  expect(sentenceFor(new Refusal(429, "rate_limited", [], 9))).toContain("9 seconds");
  expect(sentenceFor(new Refusal(429, "rate_limited", [], 300))).toContain("5 minutes");
});

test("a lost connection, a late answer and a fault of the page are told apart", () => {
  const sentences = [new NetworkError(), new TimeoutError(), new TypeError("x is undefined")].map(
    sentenceFor,
  );
  expect(new Set(sentences).size).toBe(3);
  expect(sentences.join()).not.toContain("undefined");
});
