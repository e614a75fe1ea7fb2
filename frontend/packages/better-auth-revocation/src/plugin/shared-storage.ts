import { AsyncLocalStorage } from "node:async_hooks";

/** A value that holds for a call and all that it calls. One for the process by its name: a bundler may load a module twice, for
 * the plugin and for what is built on it. */
export function sharedStorage<T>(name: string): AsyncLocalStorage<T> {
  const key = Symbol.for(`better-auth-revocation.${name}`);
  const shared = globalThis as unknown as Record<symbol, AsyncLocalStorage<T> | undefined>;
  shared[key] ??= new AsyncLocalStorage<T>();
  return shared[key];
}
