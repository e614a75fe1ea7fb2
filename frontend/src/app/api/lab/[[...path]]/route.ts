import { answerLab } from "#server/lab/handlers.ts";

type Context = { params: Promise<{ path?: string[] }> };

/* One handler for all: in development each would be compiled when it is first called, the stream of events only once the
 * lab is open already. */
const answer = async (request: Request, { params }: Context): Promise<Response> =>
  answerLab(request, (await params).path ?? []);

export const GET = answer;
export const POST = answer;
