import { KEY_SET_FRESH } from "./plugin/key-visibility.ts";

/** The part of what `betterAuth()` returns that the key set comes from. */
export interface KeySetAuth {
  api: { getJwks(input: { asResponse: true }): Promise<Response> };
}

interface Held {
  body: string;
  headers: Headers;
}

/** `/api/auth/jwks` as a handler of its own. However often it is asked for, the key set is read once a second, and no rate
 * limit is counted. What fails is not kept.
 * @throws any error of the database, from the handler */
export function keySetHandler(auth: () => KeySetAuth): (request: Request) => Promise<Response> {
  let held: { set: Promise<Held>; since: number } | undefined;
  const current = () => {
    if (held && performance.now() - held.since < KEY_SET_FRESH) return held.set;
    const reading = { set: read(auth()), since: performance.now() };
    held = reading;
    reading.set.catch(() => {
      if (held === reading) held = undefined;
    });
    return reading.set;
  };
  return async (request) => {
    const { body, headers } = await current();
    const known = request.headers.get("if-none-match")?.split(",") ?? [];
    const tag = headers.get("etag");
    const unchanged = known.some((one) => one.trim().replace(/^W\//, "") === tag || one.trim() === "*");
    return new Response(unchanged ? null : body, { status: unchanged ? 304 : 200, headers });
  };
}

async function read({ api }: KeySetAuth): Promise<Held> {
  const answer = await api.getJwks({ asResponse: true });
  if (!answer.ok) throw new Error(`the key set can't be read: ${answer.status}`);
  return { body: await answer.text(), headers: answer.headers };
}
