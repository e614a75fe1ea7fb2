import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { revocableJwt } from "better-auth-revocation";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import * as schema from "./schema";

const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });

// A connection that the server cuts is replaced. Without a listener it would end the process.
pool.on("error", console.error);

export const auth = betterAuth({
  baseURL: "http://localhost:3000",
  database: drizzleAdapter(drizzle({ client: pool, schema }), { provider: "pg", schema, transaction: true }),
  emailAndPassword: { enabled: true },
  // The adapter shares no connection; here the plugin takes the same pool.
  plugins: [...revocableJwt({ audience: "https://api.example.com", database: pool })],
});
