import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Answer, type LabEvent, type LabState, WAYS } from "#contract/lab.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import {
  answerLab,
  issueInLab,
  revokeInLab,
  setFeedInLab,
  startLab,
  watchLab,
} from "#server/lab/handlers.ts";
import { labs } from "#server/lab/labs.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { labProcesses } from "../../../test/lab-processes.ts";
import { pageRequest } from "../../../test/people.ts";

const PROCESSES = 2;
const BOUND = 3;

testDatabase();
labProcesses(PROCESSES, BOUND);

const address = () => crypto.randomUUID();
const from = (client: string) => ({ "x-client-ip": client });

const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  pageRequest(path, { method: "POST", body, headers });

/** What a page sees of a lab. */
class Visitor {
  readonly id: string;
  state: LabState | undefined;
  answers: [number, Answer][] = [];
  events: LabEvent[] = [];
  sent = "";
  readonly #leaving = new AbortController();

  constructor(id: string) {
    this.id = id;
  }

  async watch(): Promise<void> {
    const { signal } = this.#leaving;
    const response = await watchLab(
      new Request(`http://localhost:3000/api/lab/${this.id}/events`, { signal }),
      this.id,
    );
    void this.#read(response);
  }

  async #read(response: Response): Promise<void> {
    let rest = "";
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      this.sent += chunk;
      const parts = (rest + chunk).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) this.#take(JSON.parse(part.replace(/^data: /, "")));
    }
  }

  #take(event: LabEvent): void {
    this.events.push(event);
    if (event.type === "state") this.state = event.state;
    if (event.type === "answers") this.answers.push(...event.answers);
  }

  revoke = (way: string) => revokeInLab(post("/", { way }), this.id);

  leave = () => this.#leaving.abort();

  /** The outcomes that a process has from now on, until one satisfies `wanted`. */
  async until(process: number, wanted: (answer: Answer) => boolean): Promise<void> {
    this.answers = [];
    await vi.waitFor(
      () => expect(this.answers.some(([index, answer]) => index === process && wanted(answer))).toBe(true),
      { timeout: 10_000, interval: 20 },
    );
  }
}

async function visit(client = address()): Promise<Visitor> {
  const started = await startLab(post("/api/lab", {}, from(client)));
  expect(started.status).toBe(201);
  const visitor = new Visitor((await started.json()).id);
  await visitor.watch();
  return visitor;
}

const accepted = ({ status }: Answer) => status === 200;
const revoked = ({ status, code }: Answer) => status === 401 && code === "token_revoked";
const guests = async () =>
  (
    await queryRow<{ count: number }>(
      `SELECT count(*) FROM auth."user" WHERE email LIKE 'guest-%@lab.invalid'`,
    )
  ).count;

afterEach(() => labs().closeAll());

test.each(WAYS)(
  "a token that is revoked by %s is refused by every process, and let in by the ordinary check",
  async (way) => {
    const visitor = await visit();
    for (let index = 0; index <= PROCESSES; index++) await visitor.until(index, accepted);
    expect(visitor.state).toMatchObject({ phase: "accepted", following: [true, true] });

    expect((await visitor.revoke(way)).status).toBe(200);
    const { revocation } = visitor.state ?? {};
    expect(revocation?.way).toBe(way);
    for (const after of revocation?.refused ?? [null]) expect(after).toBeLessThan(1000);
    expect(revocation?.remaining).toBeGreaterThan(30 * 86_400 - 60);
    for (let index = 0; index < PROCESSES; index++) await visitor.until(index, revoked);
    await visitor.until(PROCESSES, accepted);
  },
);

test("the stopwatch agrees with the database's own record", async () => {
  const visitor = await visit();
  await visitor.revoke("sign-out");
  const { refused, record } = visitor.state?.revocation ?? {};
  const acknowledged = record?.acknowledged ?? [];
  expect(acknowledged).toHaveLength(PROCESSES);
  expect(record?.written).toBeGreaterThan(0);
  for (const moment of acknowledged) expect(moment).toBeGreaterThan(record?.written ?? Number.NaN);
  const [last = Number.NaN, lastOnRecord = Number.NaN] = [refused, acknowledged].map((times) =>
    Math.max(...(times ?? []).map(Number)),
  );
  expect(last).toBeGreaterThan(record?.written ?? Number.NaN);
  expect(Math.abs(last - lastOnRecord)).toBeLessThan(250);
});

test("neither the token nor its session's cookie is ever sent to the page", async () => {
  const visitor = await visit();
  await visitor.until(0, accepted);
  await visitor.revoke("password");
  expect(visitor.sent).toContain('"sid"');
  expect(visitor.sent).not.toMatch(/eyJ[\w-]+\.|session_token|password_hash/);
});

test("the token is for the lab alone", async () => {
  const visitor = await visit();
  await visitor.until(0, accepted);
  const { aud, iat, exp } = visitor.state?.token?.claims ?? {};
  expect(aud).toBe(`${env().BETTER_AUTH_URL}/lab`);
  expect(aud).not.toBe(env().JWT_AUDIENCE);
  expect(Number(exp) - Number(iat)).toBe(30 * 86_400);
});

test("a new token takes the place of a revoked one, and its guest that of the former", async () => {
  const visitor = await visit();
  await visitor.revoke("ban");
  const former = visitor.state?.token?.claims.sub;
  expect((await issueInLab(post("/"), visitor.id)).status).toBe(200);
  expect(visitor.state).toMatchObject({ phase: "accepted", revocation: null });
  expect(visitor.state?.token?.claims.sub).not.toBe(former);
  for (let index = 0; index < PROCESSES; index++) await visitor.until(index, accepted);
  expect((await database().query('SELECT FROM auth."user" WHERE id = $1', [former])).rowCount).toBe(0);
});

test("a stopped feed lets in until the bound, then answers 503, and touches nobody else", async () => {
  const [visitor, other] = [await visit(), await visit()];
  await visitor.until(0, accepted);
  const stopped = await setFeedInLab(post("/", { process: 0, following: false }), visitor.id);
  expect(stopped.status).toBe(200);
  expect(visitor.state?.following).toEqual([false, true]);

  const started = performance.now();
  await visitor.revoke("sign-out");
  expect(performance.now() - started, "nobody waits for a feed that was stopped").toBeLessThan(1500);
  expect(visitor.state?.revocation?.refused).toEqual([null, expect.any(Number)]);
  expect(visitor.state?.revocation?.record?.acknowledged).toEqual([null, expect.any(Number)]);
  await visitor.until(0, accepted);
  await visitor.until(0, ({ status, code }) => status === 503 && code === "revocation_stale");
  await other.until(0, accepted);

  await setFeedInLab(post("/", { process: 0, following: true }), visitor.id);
  await visitor.until(0, revoked);
});

describe("limits", () => {
  const CAPACITY = 2;
  let before: { LAB_CAPACITY: number; LAB_RATE_LIMIT: number };
  beforeEach(() => {
    const { LAB_CAPACITY, LAB_RATE_LIMIT } = env();
    before = { LAB_CAPACITY, LAB_RATE_LIMIT };
    env().LAB_CAPACITY = CAPACITY;
  });
  afterEach(() => Object.assign(env(), before));

  test("labs are capped, and one that is closed makes room", async () => {
    const first = await visit();
    await visit();
    const refused = await startLab(post("/api/lab", {}, from(address())));
    expect([refused.status, (await refused.json()).code]).toEqual([503, "overloaded"]);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    first.leave();
    await labs().closeUnused(Date.now());
    expect((await startLab(post("/api/lab", {}, from(address())))).status).toBe(503);
    vi.setSystemTime(Date.now() + 16_000);
    await labs().closeUnused(Date.now());
    vi.useRealTimers();
    await visit();
  });

  test("a lab whose page is slow to watch it is kept longer than one that was left", async () => {
    const started = await startLab(post("/api/lab", {}, from(address())));
    const visitor = new Visitor((await started.json()).id);
    vi.setSystemTime(Date.now() + 40_000);
    await labs().closeUnused(Date.now());
    vi.useRealTimers();
    await visitor.watch();
    await visitor.until(0, accepted);
  });

  test("one address leaves room for others", async () => {
    env().LAB_CAPACITY = 3;
    const client = address();
    await visit(client);
    await visit(client);
    expect((await startLab(post("/api/lab", {}, from(client)))).status).toBe(503);
    await visit();
  });

  test("an address gets so many tokens, and another one is not concerned", async () => {
    env().LAB_RATE_LIMIT = 2;
    const client = address();
    const visitor = await visit(client);
    expect((await issueInLab(post("/"), visitor.id)).status).toBe(200);
    const refused = await issueInLab(post("/"), visitor.id);
    expect([refused.status, (await refused.json()).code]).toEqual([429, "rate_limited"]);
    expect((await startLab(post("/api/lab", {}, from(client)))).status).toBe(429);
    await visit();
  });

  test("no guest is left over", async () => {
    await visit();
    expect(await guests()).toBe(1);
    await labs().closeAll();
    expect(await guests()).toBe(0);
  });
});

test("where it is not configured, there is no lab", async () => {
  const visitor = await visit();
  env().LAB_ENABLED = false;
  const answers = await Promise.all([
    startLab(post("/api/lab")),
    watchLab(pageRequest("/"), visitor.id),
    visitor.revoke("sql"),
  ]);
  env().LAB_ENABLED = true;
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect((await visitor.revoke("sql")).status).toBe(200);
});

test("an address that is none of a lab's is not found", async () => {
  const { id } = await visit();
  const outcomes = await Promise.all(
    [[], [id], [id, "token"], [id, "events", "more"], [id, "constructor"]].map((path) =>
      answerLab(pageRequest("/"), path),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
});

test("a request of another site, of nobody's lab or without sense does nothing", async () => {
  const visitor = await visit();
  const foreign = { origin: "https://evil.example" };
  const outcomes = await Promise.all([
    startLab(post("/api/lab", {}, foreign)),
    revokeInLab(post("/", { way: "sql" }, foreign), visitor.id),
    revokeInLab(post("/", { way: "magic" }), visitor.id),
    revokeInLab(post("/", { way: "sql" }), crypto.randomUUID()),
    setFeedInLab(post("/", { process: 99, following: false }), visitor.id),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([403, 403, 422, 404, 404]);
  expect(visitor.state?.phase).toBe("accepted");
});

test("what is revoked already can't be revoked again", async () => {
  const visitor = await visit();
  const [first, second] = await Promise.all([visitor.revoke("sql"), visitor.revoke("sign-out")]);
  expect([first.status, second.status]).toEqual([200, 409]);
  expect((await visitor.revoke("sql")).status).toBe(409);
});
