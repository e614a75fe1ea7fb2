import { answerForm } from "#server/forms.ts";

type Context = { params: Promise<{ name: string }> };

export const POST = async (request: Request, { params }: Context): Promise<Response> =>
  answerForm(request, (await params).name);
