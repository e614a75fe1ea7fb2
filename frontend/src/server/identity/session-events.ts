import "server-only";
import type { SessionEvent } from "#contract/session-events.ts";
import { eventStream } from "#server/http/event-stream.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { accessTokenCookie, withPresentCookies } from "#server/identity/cookies.ts";
import { endOfSession } from "#server/identity/end-of-session.ts";
import { auth } from "#server/identity/server.ts";
import { type Watched, watchSession } from "#server/identity/session-watch.ts";
import { log, summarize } from "#server/log.ts";

/** Tells a browser whose session it has, and when that is over, as it happens. Reading it keeps no session alive. */
export const streamSessionEvents = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    const headers = withPresentCookies(request.headers);
    try {
      const found = await auth().api.getSession({ headers, query: { disableRefresh: true } });
      if (!found) return over(request.signal, await endOfSession(accessTokenCookie().last(headers)));
      return live(request.signal, {
        id: found.session.id,
        userId: found.user.id,
        createdAt: found.session.createdAt.getTime(),
        expiresAt: found.session.expiresAt.getTime(),
      });
    } catch (error) {
      log("warn", "session_events_unavailable", { cause: summarize(error) });
      return problemResponse("identity_provider_unavailable");
    }
  });

const over = (signal: AbortSignal, reason: Awaited<ReturnType<typeof endOfSession>>): Response =>
  eventStream<SessionEvent>(signal, ({ send, end }) => {
    send({ type: "ended", ...(reason && { reason }) });
    end();
    return () => undefined;
  });

function live(signal: AbortSignal, session: Watched): Response {
  let isRefused = false;
  const response = eventStream<SessionEvent>(signal, ({ send, end }) => {
    send({ type: "live", subject: session.userId });
    const leave = watchSession(session, (event) => {
      send(event);
      end();
    });
    isRefused = !leave;
    return leave ?? (() => undefined);
  });
  if (!isRefused) return response;
  void response.body?.cancel();
  return problemResponse("rate_limited");
}
