import { installationSql } from "#server/revocation/install.ts";

const [lifetime = "2592000", reader] = process.argv.slice(2);

/** Prints the SQL of the revocation feed, for other tools: longest token life in seconds, role of the readers. */
process.stdout.write(`${installationSql(Number(lifetime), reader)}\n`);
