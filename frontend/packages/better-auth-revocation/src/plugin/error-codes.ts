import { defineErrorCodes } from "@better-auth/core/utils/error-codes";

/** Codes of the plugin's refusals, in Better Auth's form. */
export const REVOCATION_ERROR_CODES = defineErrorCodes({
  SESSION_ENDED: "The session has ended. Sign in again.",
  ACCOUNT_BANNED: "This account is suspended. Contact an administrator.",
  TOKEN_MISSING: "Send the access token in the Authorization header as 'Bearer <token>'.",
  TOKEN_INVALID: "The access token was not accepted. Sign in again to get a new one.",
  TOKEN_EXPIRED: "The access token has expired. Sign in again to get a new one.",
  TOKEN_REVOKED: "The access token has been revoked. Sign in again to get a new one.",
  TOKEN_REUSED:
    "The access token was renewed more than a minute ago. Its session has been ended; sign in again.",
  TOO_MANY_RENEWALS:
    "The session's token was renewed too often. Go on with the present one and try again later.",
  TOKEN_NOT_FOR_BROWSERS:
    "A browser's session gets no token that a script can read. Call the API through the backend-for-frontend.",
  SESSION_NOT_FOUND: "There is no such session, or it is not yours.",
  USER_NOT_FOUND: "There is no such user.",
  ADMINISTRATOR_REQUIRED: "Only an administrator may do this.",
  FEED_CREDENTIAL_INVALID: "Send the feed's credential in the Authorization header as 'Bearer <credential>'.",
  CURSOR_INVALID: "The cursor is none of this feed's. Begin again without one.",
  REVOCATION_NOT_INSTALLED:
    "Tokens can't be revoked yet, so none is issued. Run `npx better-auth-revocation migrate`.",
  SIGNING_KEY_UNREADABLE:
    "The server's secret does not open the key that signs tokens. Run `npx better-auth-revocation keys replace`, or restore the former secret.",
  CLIENT_ADDRESS_UNKNOWN: "The server can't tell its clients apart. Its log says how to set it up.",
  REVOCATION_UNAVAILABLE: "The database can't be reached at the moment. Try again shortly.",
});
