import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

type Scope = { readonly requestId: string; failure?: Error; committed?: boolean };

const scopes = new AsyncLocalStorage<Scope>();

/** What of a caller's X-Request-ID is harmless in a log. */
const SANE_ID = /^[\w.-]{1,64}$/;

/** Runs `work` as one request: its id, the caller's or a new one, is in every log line and in the answer's X-Request-ID. */
export function inRequestScope(request: Request, work: () => Promise<Response>): Promise<Response> {
  if (scopes.getStore()) return work();
  const given = request.headers.get("x-request-id");
  const requestId = given && SANE_ID.test(given) ? given : randomUUID();
  return scopes.run({ requestId }, async () => {
    const response = await work();
    response.headers.set("X-Request-ID", requestId);
    return response;
  });
}

/** The id of the request that is being answered; nothing outside of one. */
export const currentRequestId = (): string | undefined => scopes.getStore()?.requestId;

/** An object that stands for the request that is being answered, as a key of a WeakMap; undefined outside of one. */
export const currentRequest = (): object | undefined => scopes.getStore();

/** Notes a failure that a library has swallowed, so that its answer isn't believed. */
export function noteFailure(error: Error): void {
  const scope = scopes.getStore();
  if (scope) scope.failure ??= error;
}

/** Throws the failure that was noted in this request, if any. */
export function throwNotedFailure(): void {
  const failure = scopes.getStore()?.failure;
  if (failure) throw failure;
}

/** Notes that something has been committed in this request, or that nobody can tell. */
export function noteCommit(): void {
  const scope = scopes.getStore();
  if (scope) scope.committed = true;
}

/** Whether this request may have changed something for good. */
export const mayHaveCommitted = (): boolean => scopes.getStore()?.committed === true;
