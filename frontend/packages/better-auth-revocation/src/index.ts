export type { ClientAddress } from "./backend-for-frontend/client-address.ts";
export type { DatabaseOption } from "./database/database.ts";
export { RevocationError } from "./errors.ts";
export type { TableName, TableNames } from "./names/model.ts";
export type { AccessTokenClaims } from "./plugin/access-token.ts";
export { adminFields } from "./plugin/admin-fields.ts";
export { REVOCATION_ERROR_CODES } from "./plugin/error-codes.ts";
export type { ResourceServer, RevocableJwtOptions, TokenSubject } from "./plugin/options.ts";
export { revocableJwt } from "./plugin/revocable-jwt.ts";
