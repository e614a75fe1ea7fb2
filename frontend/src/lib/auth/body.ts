/** Bytes that a request to the identity provider may carry. */
export const MAX_AUTH_BODY = 64 * 1024;

export class BodyTooLarge extends Error {}

/** Reads a body whole, up to `limit` bytes, whatever its Content-Length claims.
 * @throws BodyTooLarge */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > limit) throw new BodyTooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
