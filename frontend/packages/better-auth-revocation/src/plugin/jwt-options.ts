import type { JwtOptions } from "better-auth/plugins";
import { defineClaims, rolesOf } from "./claims.ts";
import { currentMinting } from "./minting.ts";
import type { TokenSubject } from "./options.ts";
import type { Runtime } from "./runtime.ts";
import { keyPairOf, type SigningKey } from "./signing-keys.ts";
import { timeOfIssue } from "./time-of-issue.ts";
import { assertMayHold } from "./token-holder.ts";

/** Options of Better Auth's jwt plugin: what a token says, read at the moment in which it is signed. */
export const jwtOptions = (runtime: Runtime) => {
  const { audience, issuer, algorithm, lifetime, scopes, tokensInBrowsers, keyGracePeriod } =
    runtime.settings;
  return {
    // Otherwise every look at the session would mint a token.
    disableSettingJwtHeader: true,
    jwks: { keyPairConfig: keyPairOf(algorithm), gracePeriod: keyGracePeriod },
    jwt: {
      audience,
      ...(issuer !== undefined && { issuer }),
      expirationTime: `${lifetime}s`,
      definePayload: async ({ user, session }) => {
        const state = await runtime.tokenState(String(session.id), String(user.id));
        if (!tokensInBrowsers) assertMayHold(session);
        const subject: TokenSubject = { user, session, roles: rolesOf(state.role) };
        const now = currentMinting().iat ?? (await timeOfIssue(state));
        return { ...defineClaims(subject, state, { now, lifetime, scopes: await scopes(subject) }) };
      },
    },
    adapter: {
      getJwks: async ({ path, context }) => {
        const keys = await context.adapter.findMany<SigningKey>({ model: "jwks", limit: 1000 });
        return path === "/jwks" ? keys : runtime.usableKeys(keys, context);
      },
      createJwk: (key, { context }) => runtime.signingKeys(context).createOnce(key),
    },
  } satisfies JwtOptions;
};
