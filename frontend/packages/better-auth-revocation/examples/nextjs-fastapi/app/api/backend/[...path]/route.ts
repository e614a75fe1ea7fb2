import { backendForFrontend } from "better-auth-revocation/next";
import { auth } from "../../../../auth";

export const { GET, POST, PUT, PATCH, DELETE } = backendForFrontend(auth, { api: process.env["API_URL"] });
