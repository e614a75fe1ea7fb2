/** An endpoint's metadata for Better Auth's OpenAPI document. */
export const described = (operationId: string, description: string) => ({
  openapi: { operationId, description },
});
