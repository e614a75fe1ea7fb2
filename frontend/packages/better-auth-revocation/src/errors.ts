/** A configuration, a database or an argument that can't work. The message is one line that ends with the remedy. */
export class RevocationError extends Error {
  override readonly name = "RevocationError";
}
