import { expect, test } from "vitest";
import type { LabState } from "#contract/lab.ts";
import { answerText, lifeLeft, toneOf, verdictOf } from "#features/lab/words.ts";

const state: LabState = {
  phase: "accepted",
  token: null,
  revocation: null,
  following: [true, true, true, true],
  bound: 10,
  health: null,
};

test.each([
  [30 * 86_400 - 1, "29 days 23 hours"],
  [86_400 + 60, "1 day"],
  [3_661, "1 hour 1 minute"],
  [59.9, "59 seconds"],
  [0, "no time"],
])("%d seconds are %s", (seconds, words) => {
  expect(lifeLeft(seconds)).toBe(words);
});

test("the verdict says how many refused, after how long, and how long the token had", () => {
  const revocation = { way: "sql", refused: [3.2, 18.7, 9, 12], remaining: 2_591_990, record: null } as const;
  expect(
    verdictOf(
      { ...state, phase: "revoked", revocation: { ...revocation, refused: [...revocation.refused] } },
      0,
    ),
  ).toEqual(["Refused by 4 of 4 processes after 19 ms.", "It had 29 days 23 hours left."]);
});

test("without a lab the verdict is that a token comes, unless opening one has failed", () => {
  expect(verdictOf(undefined, 0)[0]).toBe("Issuing a token …");
  expect(verdictOf(undefined, 0, true)[0]).toBe("No token was issued");
});

test("a process that has not refused is not counted", () => {
  const revocation = { way: "sql", refused: [3.2, null], remaining: 60, record: null } as const;
  expect(
    verdictOf(
      { ...state, phase: "revoked", revocation: { ...revocation, refused: [...revocation.refused] } },
      0,
    )[0],
  ).toBe("Refused by 1 of 2 processes after 3.2 ms.");
});

test.each([
  [{ status: 200, microseconds: 2.6, following: true }, "accepted", "200 · 3 µs"],
  [{ status: 200, microseconds: 1500, following: false }, "stale", "200 · 1.5 ms"],
  [{ status: 401, code: "token_revoked" }, "refused", "401 token_revoked"],
  [{ status: 503, code: "revocation_stale" }, "unavailable", "503 revocation_stale"],
  [{ status: 0 }, "silent", "no answer"],
])("an answer %o is %s", (answer, tone, text) => {
  expect([toneOf(answer), answerText(answer)]).toEqual([tone, text]);
});
