import type { GenericEndpointContext, Session, User } from "better-auth";
import { addressHeader, type ClientAddress } from "../backend-for-frontend/client-address.ts";
import type { DatabaseOption } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import type { TableNames } from "../names/model.ts";
import type { Wait } from "./in-force.ts";

const DAY = 86_400;
const CREDENTIAL_LENGTH = 32;
/** Seconds that a key is published after its last signature, besides the life of a token. */
const KEY_MARGIN = 2 * DAY;

/** Whom a token is for, as Better Auth knows them. */
export interface TokenSubject {
  user: User & Record<string, unknown>;
  session: Session & Record<string, unknown>;
  /** The user's roles, of the admin plugin: `["user"]` without it. */
  roles: string[];
}

/** A resource server that is checked after the start. */
export interface ResourceServer {
  /** Its health address, such as `https://api.example.com/readyz`. */
  address: string;
  /** Bearer credential, for a server that tells only its holder why it is not ready. */
  credential?: string | undefined;
}

export interface RevocableJwtOptions {
  /** The `aud` of every token: the API that it is meant for. */
  audience: string;
  /** The `iss` of every token. Default: Better Auth's `baseURL`. */
  issuer?: string;
  /** The scopes that a token grants. Default: none. */
  scopes?: (subject: TokenSubject) => string[] | Promise<string[]>;
  /** Seconds that a token lives, if its session lives as long. Default: 30 days. */
  lifetime?: number;
  /** What signs. Default: `EdDSA` (Ed25519). */
  algorithm?: "EdDSA" | "RS256";
  /** Seconds that a signing key is published after its last signature: no less than a token lives. Default: the tokens'
   * lifetime and two days. */
  keyGracePeriod?: number;
  /** Where the plugin's SQL goes: a direct Postgres address, or a pool of node-postgres. Default: Better Auth's own pool. */
  database?: DatabaseOption;
  /** The schema of the plugin's own tables and functions. Default: `better_auth_revocation`. */
  schema?: string;
  /** Names of Better Auth's tables in the database, where the adapter does not tell them. */
  tables?: TableNames;
  /** Secrets of resource servers that read the feed over HTTP, each of 32 characters or more; as a function, read each
   * time. Default: closed. */
  feedCredentials?: string[] | (() => string[]);
  /** How the client's address is known, by which Better Auth counts rate limits. Default: what
   * `advanced.ipAddress` says, without which a production server with rate limits does not start. With `{ hops }` the
   * routes of Better Auth are `authRoutes(auth)` of `./next` or `authHandler(auth)` of `./server`. */
  clientAddress?: ClientAddress;
  /** Resource servers to check after the start: each health address is requested until it answers that the server is ready,
   * for a minute at most, and what is wrong is logged. Default: none. */
  resourceServers?: (string | ResourceServer)[];
  /** Whether a script of a page may get a token, from `/token`. A session that a browser opened gets none otherwise: its token
   * goes into an HttpOnly cookie, by the backend-for-frontend. Default: false. */
  tokensInBrowsers?: boolean;
  /** Called for each answer that has waited for the resource servers, for metrics. Default: nothing. */
  onAwaited?: (wait: Wait) => void;
  /** Who may end other people's sessions. Default: users with the role `admin`. */
  isAdministrator?: (subject: Pick<TokenSubject, "user" | "roles">) => boolean;
  /** Called once when a renewed token was used after its grace, so that two parties hold it, and its session has been ended. A
   * line is logged in any case. Default: nothing. */
  onTokenReused?: (
    subject: Pick<TokenSubject, "user" | "session">,
    ctx: GenericEndpointContext,
  ) => void | Promise<void>;
}

type Optional = "issuer" | "database" | "tables" | "clientAddress" | "onAwaited";

export type Settings = Required<Omit<RevocableJwtOptions, Optional | "feedCredentials" | "resourceServers">> &
  Pick<RevocableJwtOptions, Optional> & {
    feedCredentials: () => string[];
    resourceServers: ResourceServer[];
  };

/** The options with their defaults.
 * @throws RevocationError that names the option and the remedy */
export function settingsOf(options: RevocableJwtOptions): Settings {
  const settings: Settings = {
    scopes: () => [],
    lifetime: 30 * DAY,
    algorithm: "EdDSA",
    schema: "better_auth_revocation",
    tokensInBrowsers: false,
    isAdministrator: ({ roles }) => roles.includes("admin"),
    onTokenReused: () => undefined,
    keyGracePeriod: (options.lifetime ?? 30 * DAY) + KEY_MARGIN,
    ...options,
    feedCredentials: credentialsOf(options),
    resourceServers: (options.resourceServers ?? []).map((one) =>
      typeof one === "string" ? { address: one } : one,
    ),
  };
  const { audience, lifetime, algorithm, schema, keyGracePeriod } = settings;
  if (settings.clientAddress !== undefined) addressHeader(settings.clientAddress);
  if (!audience) throw new RevocationError("`audience` is empty; name the API that tokens are meant for");
  if (!Number.isInteger(lifetime) || lifetime < 60 || lifetime > 365 * DAY) {
    throw new RevocationError(`\`lifetime\` is ${lifetime}; give whole seconds, from a minute to a year`);
  }
  if (algorithm !== "EdDSA" && algorithm !== "RS256") {
    throw new RevocationError(`\`algorithm\` is ${algorithm}; it can be EdDSA or RS256`);
  }
  if (!schema || schema.startsWith("pg_") || schema.length > 63) {
    throw new RevocationError(`\`schema\` is "${schema}"; give a name that Postgres takes for a schema`);
  }
  const unfit = settings.resourceServers.find(
    ({ address }) => !/^https?:$/.test(URL.parse(address)?.protocol ?? ""),
  );
  if (unfit !== undefined) {
    throw new RevocationError(
      `\`resourceServers\` has "${unfit.address}"; give health addresses such as https://api.example.com/readyz`,
    );
  }
  if (keyGracePeriod < lifetime) {
    throw new RevocationError(
      `\`keyGracePeriod\` lets a key disappear before its last token has expired; give ${lifetime} seconds or more`,
    );
  }
  return settings;
}

function credentialsOf({ feedCredentials = [] }: RevocableJwtOptions): () => string[] {
  if (typeof feedCredentials === "function") return feedCredentials;
  if (feedCredentials.some((credential) => credential.length < CREDENTIAL_LENGTH)) {
    throw new RevocationError(
      `\`feedCredentials\` has one of fewer than ${CREDENTIAL_LENGTH} characters; make it with \`openssl rand -base64 32\``,
    );
  }
  return () => feedCredentials;
}
