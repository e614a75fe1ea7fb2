import { z } from "zod";
import { type LabEvent, WAYS } from "#contract/lab.ts";
import { env } from "#server/env.ts";
import { eventStream } from "#server/http/event-stream.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { MAX_AUTH_BODY, parseObject, readBody, UnreadableBody } from "#server/identity/body.ts";
import { isSameOrigin } from "#server/identity/same-origin.ts";
import type { Lab } from "#server/lab/lab.ts";
import { labs } from "#server/lab/labs.ts";
import { Refused } from "#server/lab/revoke.ts";
import { log, summarize } from "#server/log.ts";

const revokeSchema = z.object({ way: z.enum(WAYS) });
const feedSchema = z.object({ process: z.number().int().min(0).max(100), following: z.boolean() });

const ACTIONS: Record<string, (request: Request, id: string) => Promise<Response>> = {
  "GET events": (request, id) => watchLab(request, id),
  "POST revoke": (request, id) => revokeInLab(request, id),
  "POST token": (request, id) => issueInLab(request, id),
  "POST feed": (request, id) => setFeedInLab(request, id),
};

/** Answers what is beneath `/api/lab`: `POST /`, which opens a lab, and what is done in one, at `/<id>/<action>`. */
export async function answerLab(request: Request, path: string[]): Promise<Response> {
  const [id, action, ...rest] = path;
  if (id === undefined && request.method === "POST") return startLab(request);
  const act = rest.length ? undefined : ACTIONS[`${request.method} ${action}`];
  return id !== undefined && act ? act(request, id) : problemResponse("not_found");
}

/** Opens a lab for the visitor, and answers with its id. */
export const startLab = (request: Request): Promise<Response> =>
  guarded(request, async () => {
    const lab = await labs().start(addressOf(request));
    return lab instanceof Response ? lab : answer({ id: lab.id }, 201);
  });

/** Streams what happens in a lab as server-sent events. */
export const watchLab = (request: Request, id: string): Promise<Response> =>
  guarded(request, async () => {
    const lab = labs().get(id);
    return lab ? streamOf(lab, request.signal) : problemResponse("not_found");
  });

/** Revokes the lab's token; the answer comes when every process that follows refuses it. */
export const revokeInLab = (request: Request, id: string): Promise<Response> =>
  changed(request, id, revokeSchema, async (lab, { way }) => {
    if (!lab.canRevoke) return problemResponse("conflict");
    await lab.revoke(way);
    return undefined;
  });

/** Issues a new token in place of the lab's present one. */
export const issueInLab = (request: Request, id: string): Promise<Response> =>
  changed(request, id, z.object({}), async (lab) => {
    if (!lab.canIssue) return problemResponse("conflict");
    if (!labs().admit(lab.address)) return problemResponse("rate_limited");
    return lab.issue();
  });

/** Stops or starts the feed of one process of the lab. */
export const setFeedInLab = (request: Request, id: string): Promise<Response> =>
  changed(request, id, feedSchema, async (lab, { process, following }) =>
    (await lab.follow(process, following)) ? undefined : problemResponse("not_found"),
  );

const changed = <T>(
  request: Request,
  id: string,
  schema: z.ZodType<T>,
  work: (lab: Lab, input: T) => Promise<Response | undefined>,
): Promise<Response> =>
  guarded(request, async () => {
    const lab = labs().get(id);
    if (!lab) return problemResponse("not_found");
    const parsed = schema.safeParse(parseObject(await readBody(request, MAX_AUTH_BODY)));
    if (!parsed.success) return problemResponse("validation_failed");
    return (await work(lab, parsed.data)) ?? answer({}, 200);
  });

const guarded = (request: Request, work: () => Promise<Response>): Promise<Response> =>
  inRequestScope(request, async () => {
    if (!env().LAB_ENABLED) return problemResponse("not_found");
    if (request.method !== "GET" && !isSameOrigin(request.headers))
      return problemResponse("origin_not_allowed");
    try {
      return await work();
    } catch (error) {
      if (error instanceof UnreadableBody) return error.toResponse();
      if (error instanceof Refused) return error.response;
      log("error", "lab_failed", { cause: summarize(error) });
      return problemResponse("service_unavailable");
    }
  });

const addressOf = (request: Request): string => request.headers.get(env().CLIENT_IP_HEADER) ?? "";

const answer = (body: unknown, status: number): Response =>
  Response.json(body, { status, headers: { "Cache-Control": "no-store" } });

const streamOf = (lab: Lab, signal: AbortSignal): Response =>
  eventStream<LabEvent>(signal, ({ send, offer, end }) =>
    lab.watch((event) => {
      // A reader that does not keep up gets the next state instead of every dot.
      if (event.type === "answers") return offer(event);
      send(event);
      if (event.type === "ended") end();
    }),
  );
