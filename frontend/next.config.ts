import type { NextConfig } from "next";
import { DYNAMIC_PARAMETERS, PRERENDERED, SESSION_COOKIES } from "./src/server/http/prerendered.ts";
import { SECURITY_HEADERS } from "./src/server/http/security-headers.ts";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // `make check` has checked the types already, tests included.
  typescript: { ignoreBuildErrors: true },
  allowedDevOrigins: ["127.0.0.1"],
  // Native code and database drivers are loaded by Node, not bundled.
  serverExternalPackages: [
    "@ip-location-db/geo-whois-asn-country-mmdb",
    "@node-rs/argon2",
    "@zxcvbn-ts/language-common",
    "better-auth",
    "maxmind",
    "pg",
    "prom-client",
  ],
  // A password manager leads there (W3C, "A Well-Known URL for Changing Passwords").
  redirects: async () => [
    { source: "/.well-known/change-password", destination: "/account#password", permanent: false },
  ],
  rewrites: async () => ({
    beforeFiles: Object.entries(PRERENDERED).flatMap(([source, standIn]) =>
      [
        ...SESSION_COOKIES.map((key) => ({ type: "cookie" as const, key })),
        ...DYNAMIC_PARAMETERS.map((key) => ({ type: "query" as const, key })),
      ].map((has) => ({ source, has: [has], destination: `/with-session/${standIn}` })),
    ),
  }),
  headers: async () => [
    {
      source: "/:path*",
      headers: Object.entries(SECURITY_HEADERS).map(([key, value]) => ({ key, value })),
    },
    {
      // RFC 6797, section 7.2: never over plain http.
      source: "/:path*",
      has: [{ type: "header", key: "x-forwarded-proto", value: "https" }],
      headers: [{ key: "Strict-Transport-Security", value: "max-age=31536000" }],
    },
  ],
};

export default config;
