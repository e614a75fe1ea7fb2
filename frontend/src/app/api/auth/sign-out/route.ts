export { signOut as POST } from "#server/identity/sign-out.ts";
