/** Pages that are rendered by the build, the same for everybody who is signed out, and their stand-ins for others. */
export const PRERENDERED = { "/": "home", "/sign-in": "sign-in", "/sign-up": "sign-up" };

/** What a browser has that may be signed in, or was; proxy.ts gives those answers a nonce. */
export const SESSION_COOKIES = [
  "better-auth.session_token",
  "__Host-better-auth.session_token",
  "__Secure-better-auth.session_token",
  "access_token",
  "__Host-access_token",
];

/** Parameter of a page's address with the code of what its form was refused for; see forms.ts. */
export const FAILED = "failed";

/** Parameters by which a page says something of its own from the start: it is rendered for the request. */
export const SPEAKING = [FAILED, "reason"];
