import { refusalOf } from "#client/failure.ts";
import { type SendOptions, send } from "#client/http.ts";
import { subjectHeader } from "#client/subject.ts";

/** Reads JSON from an address of this origin. @throws Refusal | NetworkError | TimeoutError */
export async function getJson<T>(path: string): Promise<T> {
  return await answered(
    await send(new Request(new URL(path, location.origin), { headers: subjectHeader() })),
  );
}

/** Posts JSON to an address of this origin; repeated after a lost answer only with `options.retry`.
 * @throws Refusal | NetworkError | TimeoutError */
export async function postJson<T>(path: string, body: object = {}, options: SendOptions = {}): Promise<T> {
  const request = new Request(new URL(path, location.origin), {
    method: "POST",
    headers: { "content-type": "application/json", ...subjectHeader() },
    body: JSON.stringify(body),
  });
  return await answered(await send(request, options));
}

async function answered<T>(response: Response): Promise<T> {
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as T;
}
