import { keySetHandler } from "better-auth-revocation/server";
import { auth } from "#server/identity/server.ts";

/** Answers with the JWK Set (RFC 7517), read at most once a second however often it is asked for. */
export const serveKeySet = keySetHandler(auth);
