import { authRoutes } from "better-auth-revocation/next";
import { auth } from "../../../../auth";

export const { GET, POST } = authRoutes(auth);
