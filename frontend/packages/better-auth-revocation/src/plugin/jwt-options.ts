import type { JwtOptions } from "better-auth/plugins";
import { defineClaims, rolesOf } from "./claims.ts";
import type { TokenSubject } from "./options.ts";
import type { Runtime } from "./runtime.ts";
import { createSigningKeyOnce } from "./signing-key.ts";
import { timeOfIssue } from "./time-of-issue.ts";

/** Seconds that a key is published after its last signature, besides the life of a token. */
const KEY_MARGIN = 2 * 86_400;

/** Options of Better Auth's jwt plugin: what a token says, read at the moment in which it is signed. */
export const jwtOptions = (runtime: Runtime) => {
  const { audience, issuer, algorithm, lifetime, scopes } = runtime.settings;
  return {
    // Otherwise every look at the session would mint a token.
    disableSettingJwtHeader: true,
    jwks: {
      keyPairConfig:
        algorithm === "RS256" ? { alg: "RS256", modulusLength: 2048 } : { alg: "EdDSA", crv: "Ed25519" },
      gracePeriod: lifetime + KEY_MARGIN,
    },
    jwt: {
      audience,
      ...(issuer !== undefined && { issuer }),
      expirationTime: `${lifetime}s`,
      definePayload: async ({ user, session }) => {
        const state = await runtime.tokenState(String(session.id), String(user.id));
        const subject: TokenSubject = { user, session, roles: rolesOf(state.role) };
        const now = await timeOfIssue(state);
        return { ...defineClaims(subject, state, { now, lifetime, scopes: await scopes(subject) }) };
      },
    },
    adapter: {
      createJwk: (key, ctx) => createSigningKeyOnce(runtime, key, ctx),
    },
  } satisfies JwtOptions;
};
