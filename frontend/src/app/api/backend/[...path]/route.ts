import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";

type Context = { params: Promise<{ path: string[] }> };

const handle = async (request: Request, { params }: Context): Promise<Response> =>
  proxyToApi(request, (await params).path);

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
