/** What Better Auth's OpenAPI document says of an endpoint. */
export const described = (operationId: string, description: string) => ({
  openapi: { operationId, description },
});
