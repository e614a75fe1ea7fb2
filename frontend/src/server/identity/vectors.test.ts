import { readFileSync } from "node:fs";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { expect, test } from "vitest";

type Case = { id: string; token: string; rule?: string; reason: string; claims?: Record<string, unknown> };
type Policy = {
  issuer: string;
  audience: string;
  algorithms: string[];
  leeway: number;
  maxTokenLife: number;
  requiredClaims: string[];
};
type Vectors = { now: number; policy: Policy; cases: Case[] };

const read = <T>(name: string): T =>
  JSON.parse(
    readFileSync(new URL(`../../../../shared-schema/vectors/${name}.json`, import.meta.url), "utf8"),
  );

const keys = createLocalJWKSet(read<JSONWebKeySet>("jwks"));
const accepted = read<Vectors>("accepted");
const rejected = read<Vectors>("rejected");

/** Verifies as a resource server in TypeScript would, with jose alone. */
const verify = (token: string, { now, policy }: Vectors) =>
  jwtVerify(token, keys, {
    issuer: policy.issuer,
    audience: policy.audience,
    algorithms: policy.algorithms,
    clockTolerance: policy.leeway,
    currentDate: new Date(now * 1000),
    requiredClaims: policy.requiredClaims,
  });

test.each(accepted.cases)("the good token $id verifies: $reason", async ({ token, claims }) => {
  const { payload } = await verify(token, accepted);
  expect(payload).toEqual(claims);
});

/** Rules that jose leaves to its caller, and what gets by it; the API's verifier has them whole. */
const LEFT_TO_THE_CALLER: Record<string, string> = {
  base64url: "non-zero bits after the last character",
  claim_type: "types of the claims that it does not check itself",
  claim_value: "empty, overlong or unprintable claims",
  confirmation: "a token that is bound to a key of its client's",
  duplicate_member: "a member that comes twice",
  format: "padding",
  issued_at: "a token from the future, unless it is given a maximum age",
  json: "a byte order mark, lone surrogates, deep nesting",
  key_id: "no kid, when the algorithm leaves a single key",
  key_in_header: "a member without a value",
  lifetime: "a life that is longer than any token is issued for",
  size: "a token of any size",
  type: "any typ",
  unencoded_payload: "b64 that is not named in crit",
};

const rules = [...new Set(rejected.cases.map(({ rule }) => rule ?? ""))].sort();

async function acceptedUnder(rule: string): Promise<string[]> {
  const cases = rejected.cases.filter((one) => one.rule === rule);
  const verdicts = await Promise.all(
    cases.map(({ token }) =>
      verify(token, rejected).then(
        () => true,
        () => false,
      ),
    ),
  );
  return cases.filter((_, index) => verdicts[index]).map(({ id }) => id);
}

test.each(rules.filter((rule) => !Object.hasOwn(LEFT_TO_THE_CALLER, rule)))(
  "every bad token of the rule `%s` is refused",
  async (rule) => {
    expect(await acceptedUnder(rule)).toEqual([]);
  },
);

test.each(Object.entries(LEFT_TO_THE_CALLER))("jose leaves `%s` to its caller: %s", async (rule) => {
  expect(rules).toContain(rule);
  expect(await acceptedUnder(rule)).not.toEqual([]);
});
