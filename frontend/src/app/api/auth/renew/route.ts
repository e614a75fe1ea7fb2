export { renewToken as POST } from "#server/identity/renew.ts";
