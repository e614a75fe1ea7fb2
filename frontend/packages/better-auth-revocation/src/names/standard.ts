import { type AuthTables, MODEL_NAMES, MODELS } from "./model.ts";

const TIMES = new Set(["expiresAt", "banExpires"]);

/** Better Auth's tables in `schema` as its own migrator makes them for the admin plugin and this one, where they need not be
 * looked up. */
export const standardTables = (schema: string): AuthTables =>
  Object.fromEntries(
    MODEL_NAMES.map((model) => {
      const columns = [...MODELS[model].required, ...MODELS[model].optional].map((name) => [
        name,
        { name, type: TIMES.has(name) ? "timestamp with time zone" : "text" },
      ]);
      return [model, { schema, name: model, columns: Object.fromEntries(columns) }];
    }),
  ) as AuthTables;
