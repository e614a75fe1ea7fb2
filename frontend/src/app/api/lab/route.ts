import { startLab } from "#server/lab/handlers.ts";

export const POST = (request: Request): Promise<Response> => startLab(request);
