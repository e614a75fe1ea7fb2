import { afterEach, describe, expect, test, vi } from "vitest";
import type { SessionEvent } from "#contract/session-events.ts";
import { database } from "#server/database.ts";
import { streamSessionEvents } from "#server/identity/session-events.ts";
import { testDatabase } from "../../../test/database.ts";
import { makeAdmin, PASSWORD, pageRequest, post, signIn, signUp } from "../../../test/people.ts";

const { unreachableWhile } = testDatabase();

const open: AbortController[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.abort();
  vi.useRealTimers();
});

/** A browser that listens, and what it has heard. */
async function listen(cookie?: string) {
  const gone = new AbortController();
  open.push(gone);
  const request = pageRequest("/api/session/events", { ...(cookie && { cookie }) });
  const response = await streamSessionEvents(new Request(request, { signal: gone.signal }));
  const heard: SessionEvent[] = [];
  const done = (async () => {
    if (!response.ok) return;
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      for (const part of chunk.split("\n\n")) {
        if (part.startsWith("data: ")) heard.push(JSON.parse(part.slice(6)));
      }
    }
  })();
  const until = (type: SessionEvent["type"]) =>
    vi.waitFor(
      () => {
        const found = heard.find((event) => event.type === type);
        if (!found) throw new Error(`no ${type}: ${JSON.stringify(heard)}`);
        return found;
      },
      { timeout: 5_000, interval: 2 },
    );
  return { response, heard, done, until, leave: () => gone.abort() };
}

test("says at once whose session it is, as events that nothing holds back", async () => {
  const person = await signUp();
  const browser = await listen(person.cookie);
  expect(browser.response.headers.get("content-type")).toBe("text/event-stream");
  expect(browser.response.headers.get("cache-control")).toContain("no-transform");
  expect(await browser.until("live")).toEqual({ type: "live", subject: person.id });
});

test("tells the end of a session when plain SQL makes it, and leaves others alone", async () => {
  const [person, other] = [await signUp(), await signUp()];
  const [browser, bystander] = [await listen(person.cookie), await listen(other.cookie)];
  await browser.until("live");
  await bystander.until("live");
  const before = Date.now();
  await database().query("DELETE FROM auth.session WHERE id = $1", [person.claims.sid]);
  const ended = await browser.until("ended");
  expect(ended).toMatchObject({ reason: "ended_elsewhere" });
  expect(Math.abs(Date.parse(String("at" in ended && ended.at)) - before)).toBeLessThan(2_000);
  await browser.done;
  expect(bystander.heard).toHaveLength(1);
});

describe("says why", () => {
  test("an administrator suspended the account", async () => {
    const [person, admin] = [await signUp(), await signUp()];
    await makeAdmin(admin);
    const browser = await listen(person.cookie);
    await post("/admin/ban-user", admin, { userId: person.id });
    expect(await browser.until("ended")).toMatchObject({ reason: "suspended" });
  });

  test("the password was changed on another device", async () => {
    const person = await signUp();
    const browser = await listen(person.cookie);
    const elsewhere = await signIn(person.email);
    await post("/change-password", elsewhere, {
      currentPassword: PASSWORD,
      newPassword: "Brand-new-horse-8",
    });
    expect(await browser.until("ended")).toMatchObject({ reason: "password_changed" });
  });

  test("its time is over, which no notification tells", async () => {
    const person = await signUp();
    const browser = await listen(person.cookie);
    await browser.until("live");
    await database().query(
      `UPDATE auth.session SET "expiresAt" = clock_timestamp() + interval '50 ms' WHERE id = $1`,
      [person.claims.sid],
    );
    expect(await browser.until("ended")).toMatchObject({ type: "ended" });
  });
});

test("a browser without a session hears that at once, and why the last one ended", async () => {
  const stranger = await listen();
  expect(await stranger.until("ended")).toEqual({ type: "ended" });
  await stranger.done;
});

test("an outage is no end", async () => {
  const person = await signUp();
  const refused = await unreachableWhile(() => listen(person.cookie));
  expect(refused.response.status).toBe(503);
  expect(refused.heard).toEqual([]);
});

test("a session has so many listeners at most, and one that leaves makes room", async () => {
  const person = await signUp();
  const browsers = [];
  for (let number = 0; number < 20; number++) browsers.push(await listen(person.cookie));
  expect((await listen(person.cookie)).response.status).toBe(429);
  browsers[0]?.leave();
  await browsers[0]?.done;
  expect((await listen(person.cookie)).response.status).toBe(200);
});
