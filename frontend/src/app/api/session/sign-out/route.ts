export { endBrowserSession as POST } from "#server/identity/sign-out.ts";
