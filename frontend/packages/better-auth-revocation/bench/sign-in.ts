import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { revocableJwt } from "better-auth-revocation";
import { prepareDatabase } from "better-auth-revocation/testing";
import { Pool } from "pg";

/** `sign-in.ts STOCK_URL PLUGIN_URL ROUNDS COUNT`: sign-ups and sign-ins a second of the same application without and with
 * the plugin, in rounds that take turns; a line of JSON each. Passwords are hashed as Better Auth does by itself. */
const [stockUrl, pluginUrl, rounds = "7", count = "40"] = process.argv.slice(2);
const ORIGIN = "http://localhost:3000";
const AT_ONCE = 4;

const optionsOver = (connectionString: string | undefined) => ({
  baseURL: ORIGIN,
  secret: "a secret of the benchmark, 32 characters and more",
  database: new Pool({ connectionString }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  logger: { disabled: true },
});

const stock = betterAuth(optionsOver(stockUrl));
await (await getMigrations(stock.options)).runMigrations();
const plugin = betterAuth({
  ...optionsOver(pluginUrl),
  plugins: [...revocableJwt({ audience: "https://api.example.com" })],
});
await prepareDatabase(plugin);

type Handler = { handler: (request: Request) => Promise<Response> };

async function rateOf({ handler }: Handler, form: "sign-up" | "sign-in", round: number): Promise<number> {
  const started = performance.now();
  const waiting = Array.from({ length: Number(count) }, (_, i) => `ada-${round}-${i}@example.com`);
  const worker = async () => {
    for (let email = waiting.pop(); email; email = waiting.pop()) {
      const answer = await handler(
        new Request(`${ORIGIN}/api/auth/${form}/email`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "Ada", email, password: "Correct-horse-7" }),
        }),
      );
      if (!answer.ok) throw new Error(`${form} was answered with ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (Number(count) * 1000) / (performance.now() - started);
}

// The first round warms up.
for (let round = 0; round <= Number(rounds); round++) {
  for (const form of ["sign-up", "sign-in"] as const) {
    const turns: [string, Handler][] = [
      ["stock", stock],
      ["plugin", plugin],
    ];
    for (const [name, auth] of round % 2 ? turns : turns.reverse()) {
      const rate = await rateOf(auth, form, round);
      if (round) console.log(JSON.stringify({ round, form, name, rate }));
    }
  }
}
process.exit(0);
