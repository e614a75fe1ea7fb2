import "server-only";
import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";
import { env } from "#server/env.ts";

/** Has the API delete all that it holds of the user whose browser sent `headers`; whether it has. */
export async function eraseAtApi(headers: Headers): Promise<boolean> {
  const own = new Headers();
  for (const name of ["cookie", "user-agent", env().CLIENT_IP_HEADER]) {
    const value = headers.get(name);
    if (value !== null) own.set(name, value);
  }
  own.set("origin", env().BETTER_AUTH_URL);
  const url = new URL("/api/backend/me", env().BETTER_AUTH_URL);
  return (await proxyToApi(new Request(url, { method: "DELETE", headers: own }), ["me"])).ok;
}
