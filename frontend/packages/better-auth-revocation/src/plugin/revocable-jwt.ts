import { jwt } from "better-auth/plugins";
import { sessionKind } from "./client-kind.ts";
import { answersInForce } from "./in-force.ts";
import { jwtOptions } from "./jwt-options.ts";
import { type RevocableJwtOptions, settingsOf } from "./options.ts";
import { revocation } from "./revocation.ts";
import { Runtime } from "./runtime.ts";

/** Better Auth's jwt plugin, set up for long-lived access tokens, and the plugin that revokes them. To be spread into
 * `plugins`, where no other jwt() may be.
 * @throws RevocationError for options that can't work */
export function revocableJwt(options: RevocableJwtOptions) {
  const runtime = new Runtime(settingsOf(options));
  const tokens = jwtOptions(runtime);
  return [jwt(tokens), sessionKind(), answersInForce(runtime), revocation(runtime, options, tokens)] as const;
}
