import { type FakeApi, startFakeApi } from "better-auth-revocation/testing";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { env } from "#server/env.ts";

export { refuse } from "better-auth-revocation/testing";

/** A server in the API's place, as API_URL, for the calling test file. Filled in before its first test. */
export function fakeApi(): FakeApi {
  const api = {} as FakeApi;
  beforeAll(async () => {
    Object.assign(api, await startFakeApi());
    env().API_URL = api.url;
  });
  beforeEach(() => api.reset());
  afterAll(() => api.close());
  return api;
}
