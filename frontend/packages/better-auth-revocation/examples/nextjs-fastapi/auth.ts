import { betterAuth } from "better-auth";
import { revocableJwt } from "better-auth-revocation";
import { Pool } from "pg";

const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
// A connection that the server cuts is replaced. Without a listener it would end the process.
pool.on("error", console.error);

export const auth = betterAuth({
  database: pool,
  emailAndPassword: { enabled: true },
  plugins: [
    ...revocableJwt({
      audience: "http://localhost:8000",
      scopes: () => ["notes:read"],
      feedCredentials: [process.env["FEED_CREDENTIAL"] ?? ""],
      clientAddress: { hops: 1 },
    }),
  ],
});
