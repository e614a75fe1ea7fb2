/** Columns that the plugin's SQL reads, by Better Auth's own names for them. */
export const MODELS = {
  user: { required: ["id"], optional: ["role", "banned", "banExpires"] },
  session: { required: ["id", "userId", "expiresAt"], optional: ["passwordFingerprint"] },
  account: { required: ["id", "userId", "password"], optional: ["passwordFingerprint"] },
  verification: { required: ["value"], optional: ["passwordFingerprint"] },
} as const;

export type Model = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as Model[];

export type RequiredColumn<M extends Model> = (typeof MODELS)[M]["required"][number];
export type OptionalColumn<M extends Model> = (typeof MODELS)[M]["optional"][number];
export type AnyColumn = { [M in Model]: RequiredColumn<M> | OptionalColumn<M> }[Model];

/** A table's name in the database, as an option: `"users"`, `"app.users"`, or with what else differs. */
export type TableName<M extends Model = Model> =
  | string
  | {
      table?: string;
      schema?: string;
      columns?: { [C in RequiredColumn<M> | OptionalColumn<M>]?: string };
    };

/** Names in the database, for those that the plugin should not look up by itself. */
export type TableNames = { [M in Model]?: TableName<M> };

/** What a table may be called: the first of `tables` that exists and has the columns is taken when `exact`. */
export interface Candidate {
  schema?: string | undefined;
  tables: string[];
  /** For each column the names that it may have, the likeliest first. */
  columns: Partial<Record<AnyColumn, string[]>>;
  /** Whether the adapter has told the names, rather than conventions. */
  exact: boolean;
}

export type Candidates = Record<Model, Candidate>;

/** A column as it is in the database. */
export interface Column {
  name: string;
  /** As `format_type` writes it, such as `timestamp with time zone`. */
  type: string;
}

/** A table as it is in the database. */
export interface Table<Required extends string = string, Optional extends string = never> {
  schema: string;
  name: string;
  columns: Record<Required, Column> & { [C in Optional]?: Column };
}

/** Better Auth's tables, confirmed against the catalog. */
export type AuthTables = { [M in Model]: Table<RequiredColumn<M>, OptionalColumn<M>> };
