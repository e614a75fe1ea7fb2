import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { auth } from "./auth.ts";

const app = new Hono();
app.on(["GET", "POST"], "/api/auth/*", (context) => auth.handler(context.req.raw));

serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) });
