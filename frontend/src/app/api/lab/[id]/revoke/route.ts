import { revokeInLab } from "#server/lab/handlers.ts";

type Context = { params: Promise<{ id: string }> };

export const POST = async (request: Request, { params }: Context): Promise<Response> =>
  revokeInLab(request, (await params).id);
