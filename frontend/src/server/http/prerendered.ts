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

/** Parameter of a page's address with the form that led to it. */
export const FORM = "form";

/** Parameters that change what a page shows: with one of them, the page is rendered for the request. */
export const DYNAMIC_PARAMETERS = [FAILED, "reason"];
