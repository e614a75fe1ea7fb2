import { betterAuth } from "better-auth";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { revocableJwt } from "../index.ts";
import { authRoutes } from "../next.ts";
import { prepareDatabase } from "../testing.ts";
import { type ClientAddress, clientAddressOf } from "./client-address.ts";

test.each<[ClientAddress, Record<string, string>, string | undefined]>([
  ["vercel", { "x-vercel-forwarded-for": "203.0.113.9", "x-forwarded-for": "1.1.1.1" }, "203.0.113.9"],
  ["cloudflare", { "cf-connecting-ip": "2001:db8::1" }, "2001:db8::1"],
  ["fly", { "x-forwarded-for": "1.1.1.1" }, undefined],
  [{ header: "X-Real-IP" }, { "x-real-ip": " 203.0.113.9 " }, "203.0.113.9"],
  [{ header: "X-Real-IP" }, { "x-real-ip": "nobody" }, undefined],
  [{ hops: 1 }, { "x-forwarded-for": "6.6.6.6, 203.0.113.9" }, "203.0.113.9"],
  [{ hops: 2 }, { "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.0.0.1" }, "203.0.113.9"],
  [{ hops: 3 }, { "x-forwarded-for": "203.0.113.9, 10.0.0.1" }, undefined],
])("with %j and %j the address is %s", (given, headers, address) => {
  expect(clientAddressOf(new Headers(headers), given)).toBe(address);
});

test.each<[ClientAddress, string]>([
  ["heroku" as "fly", "vercel, cloudflare, fly"],
  [{ header: "" }, "the name of a header"],
  [{ hops: 0 }, "from 1"],
])("%j is refused", (clientAddress, line) => {
  expect(() => revocableJwt({ audience: "https://api.example.com", clientAddress })).toThrow(line);
});

describe("rate limits", () => {
  const own = ownDatabase();
  const withAddress = (clientAddress?: ClientAddress) =>
    betterAuth({
      ...stockOptions,
      database: own.pool,
      rateLimit: { enabled: true, storage: "memory" },
      logger: { disabled: true },
      plugins: [
        ...revocableJwt({ audience: "https://api.example.com", ...(clientAddress && { clientAddress }) }),
      ],
    });
  const signIn = (forwarded: string) =>
    new Request(`${ORIGIN}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
      body: JSON.stringify({ email: "nobody@example.com", password: "Wrong-horse-7" }),
    });

  beforeAll(() => prepareDatabase(withAddress("fly")));

  test("count each client behind a proxy by itself, whatever it says of itself", async () => {
    const { POST } = authRoutes(withAddress({ hops: 1 }));
    const statuses: number[] = [];
    for (const [number, client] of ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1"].entries())
      statuses.push((await POST(signIn(`6.6.6.${number}, ${client}`))).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await POST(signIn("6.6.6.0, 203.0.113.2"))).status).toBe(401);
  });

  test("that could count nobody apart close the door, until the routes are the right ones", async () => {
    const auth = withAddress({ hops: 1 });
    const answer = await auth.handler(signIn("203.0.113.3"));
    expect([answer.status, (await answer.json()).code]).toEqual([503, "CLIENT_ADDRESS_UNKNOWN"]);
  });

  test.each<[string, ClientAddress | undefined, boolean]>([
    ["no declared address", undefined, false],
    ["a platform's header", "vercel", true],
  ])("in production with %s (%j) the start is right", async (_, clientAddress, starts) => {
    vi.stubEnv("NODE_ENV", "production");
    const started = withAddress(clientAddress).$context.then(
      () => true,
      (error: Error) => error.message.includes("clientAddress") && false,
    );
    expect(await started).toBe(starts);
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    await expect(withAddress(clientAddress).$context).resolves.toBeDefined();
  });
});
