/** The plugin's parts, for an application that composes its identity provider itself rather than by `revocableJwt()`. */
export { Database, type DatabaseOption } from "./database/database.ts";
export { type FeedAnswer, FeedServer, type SentPage } from "./plugin/feed-server.ts";
export { InForce } from "./plugin/in-force.ts";
export { passwordBinding } from "./plugin/password.ts";
export { type Page, type Revocation, Store, type TokenState } from "./plugin/store.ts";
export { timeOfIssue } from "./plugin/time-of-issue.ts";
export { Wake } from "./plugin/wake.ts";
