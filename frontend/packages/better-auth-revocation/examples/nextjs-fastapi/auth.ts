import { betterAuth } from "better-auth";
import { revocableJwt } from "better-auth-revocation";
import { Pool } from "pg";

export const auth = betterAuth({
  database: new Pool({ connectionString: process.env["DATABASE_URL"] }),
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
