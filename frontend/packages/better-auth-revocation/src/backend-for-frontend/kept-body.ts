/** A request whose body broke off before it was read. */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
}

/** Bytes of a body that are kept, so that the request can be repeated with a renewed token. */
const KEPT = 64 * 1024;

/** A request's body on its way to the API: a small one can be sent again, a large one streams, once. */
export class KeptBody {
  /** Bytes, when they are known. */
  readonly length: number | undefined;
  readonly #source: Uint8Array | ReadableStream<Uint8Array>;
  #taken = false;

  private constructor(source: Uint8Array | ReadableStream<Uint8Array>, length: number | undefined) {
    this.#source = source;
    this.length = length;
  }

  /** Reads ahead as far as a body is kept.
   * @throws UnreadableBody when it breaks off before */
  static async of(request: Request): Promise<KeptBody | undefined> {
    if (!request.body) return undefined;
    const reader = request.body.getReader();
    const chunks: Uint8Array[] = [];
    let size = 0;
    while (size <= KEPT) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new UnreadableBody("the body broke off", { cause });
      });
      if (done) return size ? new KeptBody(Buffer.concat(chunks, size), size) : undefined;
      chunks.push(value);
      size += value.byteLength;
    }
    const declared = request.headers.get("content-length");
    return new KeptBody(continued(chunks, reader), declared === null ? undefined : Number(declared));
  }

  get isStream(): boolean {
    return this.#source instanceof ReadableStream;
  }

  /** Whether it was sent and can't be sent again. */
  get isSpent(): boolean {
    return this.#taken && this.isStream;
  }

  /** @throws Error when it is spent */
  take(): Uint8Array | ReadableStream<Uint8Array> {
    if (this.isSpent) throw new Error("the body was sent already");
    this.#taken = true;
    return this.#source;
  }
}

/** What was read ahead, and then the rest as it comes. */
function continued(
  ahead: Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = ahead.shift();
      if (next) return controller.enqueue(next);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
