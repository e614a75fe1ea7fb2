import { startLab } from "#lib/lab/handlers.ts";

export const POST = (request: Request): Promise<Response> => startLab(request);
