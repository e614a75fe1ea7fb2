import { watchLab } from "#server/lab/handlers.ts";

type Context = { params: Promise<{ id: string }> };

export const GET = async (request: Request, { params }: Context): Promise<Response> =>
  watchLab(request, (await params).id);
