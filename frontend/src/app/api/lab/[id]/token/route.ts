import { issueInLab } from "#server/lab/handlers.ts";

type Context = { params: Promise<{ id: string }> };

export const POST = async (request: Request, { params }: Context): Promise<Response> =>
  issueInLab(request, (await params).id);
