import "server-only";
import { z } from "zod";

const DAY = 86_400;
const CLOCK_SKEW = 3_600;

/** A session slides at most once a day, so it may be a day shorter than it was meant to be. */
export const SESSION_UPDATE_AGE = DAY;

const list = z
  .string()
  .default("")
  .transform((value) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  );

const seconds = (fallback: number) => positiveInteger("must be a whole number of seconds, above 0", fallback);

const positiveInteger = (message: string, fallback: number) =>
  z.coerce.number(message).int(message).positive(message).default(fallback);

const requests = (fallback: number) =>
  positiveInteger("must be a whole number of requests, above 0", fallback);

const credential = z
  .string()
  .min(32, "is shorter than 32 characters; make one with `openssl rand -base64 32`");

const isLoopback = (url: string) => ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);

const origin = z
  .url({ protocol: /^https?$/, error: "must be a URL such as https://app.example.com" })
  .refine((value) => {
    const url = URL.parse(value);
    return url !== null && url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  }, "must be an origin such as https://app.example.com, without a path or a user")
  .transform((value) => new URL(value).origin);

const hostOf = (url: string) => /^\w+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url)?.[1] ?? "";

const databaseUrl = z
  .string("is missing; set it to the identity provider's Postgres URL, or run `make dev` for an embedded one")
  .regex(/^postgres(ql)?:\/\//, "must begin with postgresql://")
  .refine(
    (value) => !hostOf(value).includes(","),
    "names several hosts, which node-postgres does not take; name one, such as a pooler or what leads to the primary",
  )
  .refine(
    // The driver reads an empty host, as of a Unix socket, in the same way.
    (value) => URL.parse(value.replace("@/", "@socket/"))?.pathname.includes("@") === false,
    "is no address of a database; percent-encode what is special in the password (@ is %40)",
  );

const schema = z
  .object({
    NODE_ENV: z
      .enum(["development", "production", "test"], "must be development, production or test")
      .default("development"),
    HOST: z.string().default("127.0.0.1"),
    PORT: z.coerce
      .number("must be a port such as 3000")
      .int("must be a port such as 3000")
      .min(1, "must be a port such as 3000")
      .max(65_535, "must be a port such as 3000")
      .default(3000),
    DATABASE_URL: databaseUrl,
    BETTER_AUTH_SECRET: z
      .string("is missing; make one with `openssl rand -base64 32`")
      .min(32, "is shorter than 32 characters; make one with `openssl rand -base64 32`"),
    BETTER_AUTH_URL: origin,
    TRUSTED_ORIGINS: list.pipe(z.array(origin)),
    JWT_AUDIENCE: z
      .string("is missing; set it to the API's AUTH_AUDIENCE")
      .min(1, "is empty; set it to the API's AUTH_AUDIENCE"),
    JWT_ALGORITHM: z.enum(["EdDSA", "RS256"], "must be EdDSA or RS256").default("EdDSA"),
    ACCESS_TOKEN_LIFETIME: seconds(30 * DAY),
    SESSION_LIFETIME: seconds(45 * DAY),
    SESSION_MAX_LIFETIME: seconds(180 * DAY),
    JWKS_GRACE_PERIOD: seconds(32 * DAY),
    AUDIT_RETENTION: seconds(400 * DAY),
    API_URL: origin,
    API_MANAGEMENT_TOKEN: credential.optional(),
    TRUSTED_PROXIES: list,
    CLIENT_IP_HEADER: z
      .string()
      .toLowerCase()
      .regex(/^[a-z0-9-]+$/, "must be the name of a header such as x-real-ip")
      .default("x-client-ip"),
    RATE_LIMIT_ENABLED: z.stringbool("must be true or false").optional(),
    RATE_LIMIT_STORAGE: z.enum(["database", "memory"], "must be database or memory").default("database"),
    RATE_LIMIT_WINDOW: seconds(10),
    RATE_LIMIT_MAX: requests(100),
    RATE_LIMIT_SIGN_IN_MAX: requests(3),
    SMTP_URL: z
      .string()
      .regex(/^smtps?:\/\/[^/?#]+/, "must be a URL such as smtps://user:password@smtp.example.com:465")
      .optional(),
    MAIL_FROM: z.string().includes("@", "must be the sender's address").optional(),
    MAIL_FOLDER: z.string().optional(),
    LAB_ENABLED: z.stringbool("must be true or false").default(false),
    LAB_PROCESSES: list.pipe(z.array(origin)),
    LAB_CREDENTIAL: z.string().min(32, "is shorter than 32 characters").optional(),
    LAB_CAPACITY: positiveInteger("must be a whole number of labs, above 0", 5),
    LAB_RATE_LIMIT: requests(30),
    REVOCATION_FEED_TOKEN: credential.optional(),
    REVOCATION_FEED_TOKEN_PREVIOUS: credential.optional(),
    MANAGEMENT_TOKEN: credential.optional(),
  })
  .superRefine((env, context) => {
    const refuse = (name: string, message: string) =>
      context.addIssue({ code: "custom", path: [name], message });
    if (env.JWKS_GRACE_PERIOD < env.ACCESS_TOKEN_LIFETIME + CLOCK_SKEW) {
      refuse(
        "JWKS_GRACE_PERIOD",
        `lets a key disappear before its last token has expired; set it to at least ${env.ACCESS_TOKEN_LIFETIME + CLOCK_SKEW} (ACCESS_TOKEN_LIFETIME plus an hour)`,
      );
    }
    if (env.SESSION_LIFETIME < env.ACCESS_TOKEN_LIFETIME + SESSION_UPDATE_AGE) {
      refuse(
        "SESSION_LIFETIME",
        `cuts tokens short; set it to at least ${env.ACCESS_TOKEN_LIFETIME + SESSION_UPDATE_AGE} (ACCESS_TOKEN_LIFETIME plus a day)`,
      );
    }
    if (env.SESSION_MAX_LIFETIME < env.SESSION_LIFETIME) {
      refuse(
        "SESSION_MAX_LIFETIME",
        `is shorter than a session lives unused; set it to at least ${env.SESSION_LIFETIME} (SESSION_LIFETIME)`,
      );
    }
    if (env.SMTP_URL && !env.MAIL_FROM)
      refuse("MAIL_FROM", "is missing; set it to the address that mail comes from");
    if (env.NODE_ENV !== "production") return;
    if (env.MAIL_FOLDER) refuse("MAIL_FOLDER", "is for development; set SMTP_URL in production");
    if (/change.?me|placeholder|example|development|your.?secret/i.test(env.BETTER_AUTH_SECRET)) {
      refuse("BETTER_AUTH_SECRET", "is a placeholder; make one with `openssl rand -base64 32`");
    } else if (new Set(env.BETTER_AUTH_SECRET).size < 10) {
      refuse("BETTER_AUTH_SECRET", "is too regular to be random; make one with `openssl rand -base64 32`");
    }
    for (const name of ["BETTER_AUTH_URL", "API_URL"] as const) {
      if (!env[name].startsWith("https://") && !isLoopback(env[name])) {
        refuse(name, "must be https:// in production");
      }
    }
  });

/** The settings of the identity provider; lifetimes and periods in seconds. */
export type Env = z.infer<typeof schema>;

export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Reads the settings out of `source`; empty variables count as unset.
 * @throws ConfigurationError with a line for each variable that can't work, never with its value. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const first = new Map(
    result.error.issues.toReversed().map((issue) => [String(issue.path[0]), issue.message]),
  );
  throw new ConfigurationError(
    [...first]
      .reverse()
      .map(
        ([name, message]) =>
          `${name} ${message.replace(/^Invalid input.*received undefined$/, "is missing")}`,
      )
      .join("\n"),
  );
}

let cached: Env | undefined;

/** The process's settings; the only reader of `process.env`. */
export function env(): Env {
  cached ??= parseEnv(process.env);
  return cached;
}
