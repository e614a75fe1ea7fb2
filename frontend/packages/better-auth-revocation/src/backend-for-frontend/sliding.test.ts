import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MintingRefused } from "./mint.ts";
import { Sliding } from "./sliding.ts";

const token = { accessToken: "eyJ", expiresIn: 60, setCookies: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a database that does not answer is waited for once, for a second, and again after ten", async () => {
  const sliding = new Sliding();
  const [minting, failed] = [vi.fn(() => new Promise<never>(() => undefined)), vi.fn()];
  const first = sliding.attempt(minting, failed);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([await first, failed.mock.calls.length]).toEqual([undefined, 1]);
  expect(await sliding.attempt(minting, failed)).toBeUndefined();
  expect(minting).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await sliding.attempt(async () => token, failed)).toBe(token);
});

test("a failure of one session's minting holds up no other's, and a refusal is none", async () => {
  const sliding = new Sliding();
  const failed = vi.fn();
  const refusal = new MintingRefused(new Response(null, { status: 403 }));
  expect(await sliding.attempt(() => Promise.reject(refusal), failed)).toBeUndefined();
  expect(failed).not.toHaveBeenCalled();
  expect(await sliding.attempt(() => Promise.reject(new Error("refused")), failed)).toBeUndefined();
  expect(failed).toHaveBeenCalledTimes(1);
  expect(await sliding.attempt(async () => token, failed)).toBe(token);
});
