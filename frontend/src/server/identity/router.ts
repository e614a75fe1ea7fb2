import { runWithAdapter } from "@better-auth/core/context";
import type { AuthContext, BetterAuthOptions } from "better-auth";
import { router } from "better-auth/api";

type Handler = (request: Request) => Promise<Response>;

/** Better Auth's handler with a router that is built once. Its own builds one for each request, of some eighty endpoints,
 * because an origin or a trusted origin may depend on the request there; here both are settings. */
export function standingHandler(auth: { $context: Promise<object>; options: BetterAuthOptions }): Handler {
  let built: Promise<Handler> | undefined;
  const build = async (): Promise<Handler> => {
    // Its type says which options it was made of, which makes it differ from the one that the router takes.
    const context = (await auth.$context) as AuthContext;
    const { handler } = router(context, auth.options);
    return async (request) => await runWithAdapter(context.adapter, () => handler(request));
  };
  return async (request) => {
    built ??= build();
    return (await built)(request);
  };
}
