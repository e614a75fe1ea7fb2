import { describe, expect, test } from "vitest";
import { ConfigurationError, parseEnv } from "#server/env.ts";

const DAY = 86_400;

const WORKING = {
  DATABASE_URL: "postgresql://owner:hidden@db.example.com/app",
  BETTER_AUTH_SECRET: "kP3v9sQx7LmZ2tRw8NcY4bHd6JfG1aUe",
  BETTER_AUTH_URL: "https://app.example.com",
  JWT_AUDIENCE: "https://api.example.com",
  API_URL: "https://api.example.com",
};

function refusalOf(changes: Record<string, string | undefined>): string {
  try {
    parseEnv({ ...WORKING, ...changes });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error("it was accepted");
}

test("what is not given has a safe default", () => {
  expect(parseEnv(WORKING)).toMatchObject({
    NODE_ENV: "development",
    JWT_ALGORITHM: "EdDSA",
    ACCESS_TOKEN_LIFETIME: 30 * DAY,
    SESSION_LIFETIME: 45 * DAY,
    SESSION_MAX_LIFETIME: 180 * DAY,
    JWKS_GRACE_PERIOD: 32 * DAY,
    TRUSTED_ORIGINS: [],
    TRUSTED_PROXIES: [],
    CLIENT_IP_HEADER: "x-client-ip",
    RATE_LIMIT_STORAGE: "database",
    RATE_LIMIT_WINDOW: 10,
    RATE_LIMIT_MAX: 100,
    RATE_LIMIT_SIGN_IN_MAX: 3,
    LAB_ENABLED: false,
    LAB_PROCESSES: [],
  });
  expect(parseEnv(WORKING)).not.toHaveProperty("REVOCATION_FEED_TOKEN");
});

test.each([
  ["postgresql://owner:hidden@one:5432,two:5432/app", /^DATABASE_URL names several hosts, .*; name one/],
  ["postgresql://owner:hidden@one,two/app", /^DATABASE_URL names several hosts/],
  ["postgresql://owner:hi#dden@one/app", /^DATABASE_URL is no address of a database; percent-encode/],
  ["postgresql://owner:12/dden@one/app", /^DATABASE_URL is no address of a database; percent-encode/],
  ["postgresql://owner:hi/dden@one/app", /^DATABASE_URL is no address of a database; percent-encode/],
])("an address that the driver can't read is refused, and not shown: %s", (url, words) => {
  const refusal = refusalOf({ DATABASE_URL: url });
  expect(refusal).toMatch(words);
  expect(refusal).not.toMatch(/dden/);
});

test.each([
  "postgresql://owner@/app?host=/var/run/postgresql",
  "postgresql:///app?host=/var/run/postgresql",
  "postgres://owner:a,b%40@[::1]:5432/app?sslmode=verify-full",
])("an address that the driver can read is taken: %s", (url) => {
  expect(parseEnv({ ...WORKING, DATABASE_URL: url }).DATABASE_URL).toBe(url);
});

test("an empty variable counts as unset", () => {
  const empty = {
    JWT_ALGORITHM: "",
    TRUSTED_ORIGINS: " ",
    REVOCATION_FEED_TOKEN: "",
    RATE_LIMIT_ENABLED: "",
  };
  expect(parseEnv({ ...WORKING, ...empty })).toEqual(parseEnv(WORKING));
  expect(refusalOf({ DATABASE_URL: "" })).toMatch(/^DATABASE_URL is missing/);
});

test("lists are split, and addresses brought to one form", () => {
  const env = parseEnv({
    ...WORKING,
    BETTER_AUTH_URL: "https://App.Example.com/",
    TRUSTED_ORIGINS: "https://one.example.com/, https://two.example.com",
    TRUSTED_PROXIES: "10.0.0.0/8, 192.168.1.1,",
    CLIENT_IP_HEADER: "X-Real-IP",
  });
  expect(env.BETTER_AUTH_URL).toBe("https://app.example.com");
  expect(env.TRUSTED_ORIGINS).toEqual(["https://one.example.com", "https://two.example.com"]);
  expect(env.TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "192.168.1.1"]);
  expect(env.CLIENT_IP_HEADER).toBe("x-real-ip");
});

describe("a refusal names the variable and the remedy, never the value", () => {
  test.each([
    ["DATABASE_URL", undefined, "is missing; set it to"],
    ["DATABASE_URL", "mysql://secretvalue", "must begin with postgresql://"],
    ["BETTER_AUTH_SECRET", undefined, "is missing; make one with"],
    ["BETTER_AUTH_SECRET", "secretvalue", "is shorter than 32 characters; make one with"],
    ["BETTER_AUTH_URL", undefined, "must be a URL such as https://app.example.com"],
    ["BETTER_AUTH_URL", "secretvalue", "must be a URL such as https://app.example.com"],
    ["BETTER_AUTH_URL", "ftp://secretvalue", "must be a URL such as https://app.example.com"],
    ["BETTER_AUTH_URL", "https://app.example.com/secretvalue", "must be an origin such as"],
    ["BETTER_AUTH_URL", "https://user:secretvalue@app.example.com", "must be an origin such as"],
    ["API_URL", "https://api.example.com/?secretvalue", "must be an origin such as"],
    ["TRUSTED_ORIGINS", "https://one.example.com,secretvalue", "must be a URL such as"],
    ["JWT_AUDIENCE", undefined, "is missing; set it to the API's AUTH_AUDIENCE"],
    ["JWT_ALGORITHM", "secretvalue", "must be EdDSA or RS256"],
    ["NODE_ENV", "secretvalue", "must be development, production or test"],
    ["ACCESS_TOKEN_LIFETIME", "secretvalue", "must be a whole number of seconds, above 0"],
    ["ACCESS_TOKEN_LIFETIME", "-1", "must be a whole number of seconds, above 0"],
    ["SESSION_LIFETIME", "1.5", "must be a whole number of seconds, above 0"],
    ["RATE_LIMIT_MAX", "0", "must be a whole number of requests, above 0"],
    ["RATE_LIMIT_ENABLED", "secretvalue", "must be true or false"],
    ["RATE_LIMIT_STORAGE", "secretvalue", "must be database or memory"],
    ["CLIENT_IP_HEADER", "secret value", "must be the name of a header such as"],
    ["SMTP_URL", "https://user:secretvalue@smtp.example.com", "must be a URL such as smtps://"],
    ["MAIL_FROM", "secretvalue", "must be the sender's address"],
    ["REVOCATION_FEED_TOKEN", "secretvalue", "is shorter than 32 characters; make one with"],
  ])("%s=%s %s", (name, value, remedy) => {
    const refusal = refusalOf({ [name]: value });
    expect(refusal.split("\n")[0]).toMatch(new RegExp(`^${name} `));
    expect(refusal).toContain(remedy);
    expect(refusal).not.toMatch(/secret ?value|hidden/);
  });

  test("several at once are all named", () => {
    const lines = refusalOf({ DATABASE_URL: undefined, JWT_AUDIENCE: undefined }).split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["DATABASE_URL", "JWT_AUDIENCE"]);
  });
});

describe("a key outlives the last token that it signed", () => {
  const life = { ACCESS_TOKEN_LIFETIME: "1000", SESSION_LIFETIME: String(45 * DAY) };

  test("accepts a grace period of token life plus an hour", () => {
    expect(parseEnv({ ...WORKING, ...life, JWKS_GRACE_PERIOD: "4600" }).JWKS_GRACE_PERIOD).toBe(4600);
  });

  test("refuses a second less", () => {
    expect(refusalOf({ ...life, JWKS_GRACE_PERIOD: "4599" })).toMatch(
      /^JWKS_GRACE_PERIOD .* set it to at least 4600 /,
    );
  });
});

describe("a session outlives its token", () => {
  test("accepts token life plus a day", () => {
    expect(parseEnv({ ...WORKING, SESSION_LIFETIME: String(31 * DAY) }).SESSION_LIFETIME).toBe(31 * DAY);
  });

  test("refuses a second less", () => {
    expect(refusalOf({ SESSION_LIFETIME: String(31 * DAY - 1) })).toMatch(/^SESSION_LIFETIME .* at least/);
    expect(refusalOf({ SESSION_MAX_LIFETIME: String(45 * DAY - 1) })).toMatch(
      /^SESSION_MAX_LIFETIME .* at least/,
    );
  });
});

describe("mail", () => {
  const SMTP_URL = "smtps://user:hidden@smtp.example.com:465";

  test("is sent from an address that is given", () => {
    expect(parseEnv({ ...WORKING, SMTP_URL, MAIL_FROM: "Recall <recall@example.com>" })).toMatchObject({
      SMTP_URL,
    });
    expect(refusalOf({ SMTP_URL })).toBe("MAIL_FROM is missing; set it to the address that mail comes from");
  });

  test("is written to a folder in development only", () => {
    expect(parseEnv({ ...WORKING, MAIL_FOLDER: "mail" }).MAIL_FOLDER).toBe("mail");
    expect(refusalOf({ NODE_ENV: "production", MAIL_FOLDER: "mail" })).toBe(
      "MAIL_FOLDER is for development; set SMTP_URL in production",
    );
  });
});

describe("in production", () => {
  const production = { NODE_ENV: "production" };

  test("a random secret and https are accepted", () => {
    expect(parseEnv({ ...WORKING, ...production }).NODE_ENV).toBe("production");
  });

  test.each([
    ["change-me-change-me-change-me-1234567890", "is a placeholder"],
    ["your_secret_goes_here_and_is_long_enough", "is a placeholder"],
    ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "is too regular to be random"],
  ])("the secret %s is refused, and accepted in development", (secret, reason) => {
    const refusal = refusalOf({ ...production, BETTER_AUTH_SECRET: secret });
    expect(refusal).toContain(`BETTER_AUTH_SECRET ${reason}; make one with`);
    expect(refusal).not.toContain(secret);
    expect(parseEnv({ ...WORKING, BETTER_AUTH_SECRET: secret }).BETTER_AUTH_SECRET).toBe(secret);
  });

  test.each(["BETTER_AUTH_URL", "API_URL"])("%s must be https", (name) => {
    expect(refusalOf({ ...production, [name]: "http://app.example.com" })).toBe(
      `${name} must be https:// in production`,
    );
    expect(refusalOf({ ...production, [name]: "http://localhost.example.com" })).toContain(
      "must be https://",
    );
  });

  test.each(["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"])(
    "except on this machine: %s",
    (url) => {
      expect(parseEnv({ ...WORKING, ...production, BETTER_AUTH_URL: url }).BETTER_AUTH_URL).toBe(url);
    },
  );

  test("http is accepted in development", () => {
    expect(parseEnv({ ...WORKING, API_URL: "http://api.test" }).API_URL).toBe("http://api.test");
  });
});
