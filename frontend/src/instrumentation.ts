/** Next.js calls this once, before the server takes requests. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { stopUnlessStartable } = await import("#instrumentation-node.ts");
  await stopUnlessStartable();
}
