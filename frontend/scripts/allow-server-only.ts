import { registerHooks } from "node:module";

/* For `node --import`: makes "server-only" an empty module, because code that Node runs itself can't reach a browser. */
registerHooks({
  resolve: (specifier, context, resolve) =>
    resolve(specifier === "server-only" ? "next/dist/compiled/server-only/empty.js" : specifier, context),
});
