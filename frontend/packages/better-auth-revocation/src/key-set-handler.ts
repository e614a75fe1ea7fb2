import { hostHeaders } from "./backend-for-frontend/host-headers.ts";
import { KEY_SET_FRESH } from "./plugin/key-visibility.ts";

/** The part of what `betterAuth()` returns that the key set comes from. */
export interface KeySetAuth {
  api: { getJwks(input: { headers: Headers; asResponse: true }): Promise<Response> };
}

interface Held {
  body: string;
  headers: Headers;
}

/** `/api/auth/jwks` as a handler of its own. However often it is asked for, the key set is read once a second, and no rate
 * limit is counted. What fails is not kept.
 * @throws any error of the database, from the handler */
export function keySetHandler(auth: () => KeySetAuth): (request: Request) => Promise<Response> {
  let held: { set: Promise<Held>; since: number; host: string | null } | undefined;
  const current = (headers: Headers): Promise<Held> => {
    const host = headers.get("host");
    if (held && performance.now() - held.since < KEY_SET_FRESH) {
      // Asked at a host that is not allowed, it can't be read: that is no failure of the others.
      return held.host === host ? held.set : held.set.catch(() => current(headers));
    }
    const reading = { set: read(auth(), headers), since: performance.now(), host };
    held = reading;
    reading.set.catch(() => {
      if (held === reading) held = undefined;
    });
    return reading.set;
  };
  return async (request) => {
    const { body, headers } = await current(hostHeaders(request));
    const known = request.headers.get("if-none-match")?.split(",") ?? [];
    const tag = headers.get("etag");
    const unchanged = known.some((one) => one.trim().replace(/^W\//, "") === tag || one.trim() === "*");
    return new Response(unchanged ? null : body, { status: unchanged ? 304 : 200, headers });
  };
}

async function read({ api }: KeySetAuth, headers: Headers): Promise<Held> {
  const answer = await api.getJwks({ headers, asResponse: true });
  if (!answer.ok) throw new Error(`the key set can't be read: ${answer.status}`);
  return { body: await answer.text(), headers: answer.headers };
}
