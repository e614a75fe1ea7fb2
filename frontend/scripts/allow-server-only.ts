import { registerHooks } from "node:module";

/* `node --import` this file: outside Next.js's bundles nothing can reach a browser, so "server-only" has no meaning there. */
registerHooks({
  resolve: (specifier, context, resolve) =>
    resolve(specifier === "server-only" ? "next/dist/compiled/server-only/empty.js" : specifier, context),
});
