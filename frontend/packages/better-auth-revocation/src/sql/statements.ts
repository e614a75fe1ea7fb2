/** One database object of ours, as the SQL makes it. */
export type DatabaseObject = {
  kind: "table" | "index" | "function" | "trigger";
  /** What `DROP` calls it. No function of ours has an overload. */
  identity: string;
  /** What people call it: `function()`, `table.trigger`, `table` or `index`. */
  name: string;
  /** Of a trigger: its own name, and its table. */
  trigger?: { name: string; table: string };
  /** The statement that makes it, and those after it that belong to it. */
  create: string;
};

const NAME = String.raw`(?:"(?:[^"]|"")*"|\w+)(?:\.(?:"(?:[^"]|"")*"|\w+))?`;
const FORMS: [DatabaseObject["kind"], RegExp][] = [
  ["table", new RegExp(`^CREATE TABLE IF NOT EXISTS (?<name>${NAME})`)],
  ["index", new RegExp(`^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (?<name>${NAME}) ON (?<table>${NAME})`)],
  ["function", new RegExp(`^CREATE OR REPLACE FUNCTION (?<name>${NAME})\\s*\\(`)],
  ["trigger", new RegExp(`^CREATE OR REPLACE TRIGGER (?<name>${NAME}) [^$]*? ON (?<table>${NAME})`)],
];
/** What belongs to the object before it: a comment, first rows. */
const ADDITION = /^(?:COMMENT ON|INSERT INTO)\b/;

/** Takes SQL apart into the objects that it makes, in order. Only our own SQL is read here, which keeps to few forms.
 * Nobody may execute a function but its owner and whom a grant names.
 * @throws Error for a statement of another form */
export function objectsIn(sql: string): DatabaseObject[] {
  const objects: DatabaseObject[] = [];
  for (const statement of splitStatements(sql)) {
    const previous = objects.at(-1);
    if (ADDITION.test(statement) && previous) previous.create += `;\n${statement}`;
    else objects.push(objectOf(statement));
  }
  return objects;
}

function objectOf(statement: string): DatabaseObject {
  for (const [kind, form] of FORMS) {
    const { name, table } = form.exec(statement)?.groups ?? {};
    if (name === undefined) continue;
    if (kind === "function") {
      return {
        kind,
        identity: name,
        name: `${last(name)}()`,
        create: `${statement};\nREVOKE ALL ON FUNCTION ${name} FROM PUBLIC`,
      };
    }
    if (kind === "trigger" && table !== undefined) {
      return {
        kind,
        identity: `${name} ON ${table}`,
        name: `${last(table)}.${name}`,
        trigger: { name, table },
        create: statement,
      };
    }
    // An index is in its table's schema.
    const schema = kind === "index" ? `${table?.replace(/\.(?:"(?:[^"]|"")*"|\w+)$/, "")}.` : "";
    return { kind, identity: `${schema}${name}`, name: last(name), create: statement };
  }
  throw new Error(`a statement of another form: ${statement.split("\n", 1)[0]}`);
}

/** The last part of a qualified name, as it is without quotes. */
const last = (name: string): string =>
  (/(?:"(?:[^"]|"")*"|\w+)$/.exec(name)?.[0] ?? name).replace(/^"|"$/g, "").replaceAll('""', '"');

/** The statements of a script, without comments before them. */
function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  // Whatever may hold a semicolon that ends nothing, or the semicolon that does.
  for (const { 0: token, index } of sql.matchAll(
    /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|;/g,
  )) {
    if (token !== ";") continue;
    statements.push(sql.slice(start, index));
    start = index + 1;
  }
  statements.push(sql.slice(start));
  return statements.map((one) => one.replace(/^(?:\s+|--[^\n]*\n)+/, "").trimEnd()).filter(Boolean);
}
