import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** The database keeps every session within its bound, whoever opens and whoever slides it: `mustEndAt` is at most `longest`
 * seconds after it was opened, by the database's clock. A longer bound takes effect with the next migration. */
export const sessionEndSql = (longest: number): string => `
CREATE OR REPLACE FUNCTION auth.session_must_end() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW."mustEndAt" := least(NEW."mustEndAt", OLD."mustEndAt");
    ELSE
        NEW."mustEndAt" := least(NEW."mustEndAt", clock_timestamp() + interval '${longest} seconds');
    END IF;
    NEW."expiresAt" := least(NEW."expiresAt", NEW."mustEndAt");
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION auth.session_must_end() FROM PUBLIC;
CREATE OR REPLACE TRIGGER session_must_end BEFORE INSERT OR UPDATE ON auth.session
    FOR EACH ROW EXECUTE FUNCTION auth.session_must_end();
`;

/** For sessions from before there was a bound. Takes the longest life in seconds. */
export const BOUND_OLD_SESSIONS_SQL = `
UPDATE auth.session SET "mustEndAt" = "createdAt" + make_interval(secs => $1) WHERE "mustEndAt" IS NULL
`;

/** Paths that put a browser into the hands of whoever signs in. Acting as somebody keeps the administrator's own session. */
const OPENS = /^\/(sign-in|sign-up|two-factor\/verify|callback)(\/|-|$)/;

/** Ends sessions that would otherwise live for ever: `longest` seconds after they were opened, however often they are used,
 * and when their browser signs in anew. */
export const sessionEnd = ({ longest }: { longest: number }) =>
  ({
    id: "session-end",
    schema: {
      session: {
        fields: { mustEndAt: { type: "date", required: false, input: false, returned: false } },
      },
    },
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              before: async (session) => ({
                data: { ...session, mustEndAt: new Date(Date.now() + longest * 1000) },
              }),
            },
          },
        },
      },
    }),
    hooks: {
      after: [
        {
          matcher: ({ path }) => OPENS.test(path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            const { newSession, authCookies, secret, internalAdapter } = ctx.context;
            if (!newSession) return;
            const previous = await ctx.getSignedCookie(authCookies.sessionToken.name, secret);
            if (previous && previous !== newSession.session.token)
              await internalAdapter.deleteSession(previous);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;
