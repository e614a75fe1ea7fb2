/** Settings that every test runs with; the issuer and audience are those of the golden vectors. */
export const TEST_ENVIRONMENT = {
  NODE_ENV: "test",
  BETTER_AUTH_SECRET: "a secret of the tests, 32 characters and more",
  BETTER_AUTH_URL: "http://localhost:3000",
  JWT_AUDIENCE: "http://localhost:8000",
  API_URL: "http://localhost:8000",
} as const;
