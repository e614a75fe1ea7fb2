/** The plugin's parts, for an application that composes its identity provider itself rather than by `revocableJwt()`. */
export { Database, type DatabaseOption } from "./database/database.ts";
export { adminFields } from "./plugin/admin-fields.ts";
export { type DefinedClaims, defineClaims, rolesOf } from "./plugin/claims.ts";
export {
  type ClientKind,
  isFromBrowser,
  kindOfNewSession,
  openingSessionFor,
  sessionKind,
} from "./plugin/client-kind.ts";
export { type FeedAnswer, FeedServer, type SentPage } from "./plugin/feed-server.ts";
export { InForce } from "./plugin/in-force.ts";
export { KEY_SET_FRESH, untilVisible, VISIBLE_AFTER } from "./plugin/key-visibility.ts";
export { currentMinting, type Minting, mintingWith } from "./plugin/minting.ts";
export { passwordBinding } from "./plugin/password.ts";
export {
  type KeyState,
  type KeyStore,
  PUBLICATION_LEAD,
  type SigningKey,
  SigningKeys,
} from "./plugin/signing-keys.ts";
export { type Page, type Revocation, Store, type TokenState } from "./plugin/store.ts";
export { timeOfIssue } from "./plugin/time-of-issue.ts";
export { assertMayHold } from "./plugin/token-holder.ts";
export { Wake } from "./plugin/wake.ts";
