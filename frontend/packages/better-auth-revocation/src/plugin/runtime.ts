import type { AuthContext } from "better-auth";
import { APIError } from "better-auth/api";
import { Database, poolOf } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { InForce } from "./in-force.ts";
import type { Settings } from "./options.ts";
import { unlessAway } from "./outage.ts";
import { isSameDatabase, type Started } from "./same-database.ts";
import { keysOf, type SigningKey, type SigningKeys } from "./signing-keys.ts";
import { faultOf, Store, type TokenState } from "./store.ts";

export { unlessAway };

/** What the two plugins of one `revocableJwt()` share: the database, and whether tokens may be issued over it. */
export class Runtime {
  readonly settings: Settings;
  /** The wait until what was revoked is refused by every resource server. */
  readonly inForce: InForce;
  #started: Started | undefined;
  #database: Database | undefined;
  #store: Store | undefined;
  #logger: AuthContext["logger"] | undefined;
  #ready = false;

  constructor(settings: Settings) {
    this.settings = settings;
    this.inForce = new InForce(
      () => this.store,
      (error) => this.#logger?.error("[revocation] the wait for the resource servers failed", error),
      settings.onAwaited,
    );
  }

  /** Takes up the database: the `database` option, or Better Auth's own pool.
   * @throws RevocationError where there is neither, or where another `betterAuth()` with the same plugins is over another */
  start({ options, logger }: Pick<AuthContext, "options" | "logger">): void {
    const given = this.settings.database ?? poolOf(options.database);
    if (!given) {
      throw new RevocationError(
        "Better Auth's adapter shares no connection; give revocableJwt() a direct Postgres address as `database`",
      );
    }
    const started = { given, own: options.database };
    if (this.#started && !isSameDatabase(this.#started, started)) {
      throw new RevocationError(
        "one revocableJwt() is among the plugins of two betterAuth() over different databases, so that tokens would tell the roles of the wrong one; call revocableJwt() once for each betterAuth()",
      );
    }
    this.#started = started;
    this.#logger = logger;
    this.#database = new Database(given);
    this.#store = new Store(this.#database, this.settings.schema);
  }

  get database(): Database {
    if (!this.#database) throw new Error("Better Auth has not started the plugin");
    return this.#database;
  }

  get store(): Store {
    if (!this.#store) throw new Error("Better Auth has not started the plugin");
    return this.#store;
  }

  /** What a new token of the session must say.
   * @throws APIError when there may be none */
  async tokenState(sessionId: string, userId: string): Promise<TokenState> {
    const state = await unlessAway(async () => {
      await this.#assertReady();
      return this.store.tokenState(sessionId, userId);
    });
    if (!state) throw APIError.from("UNAUTHORIZED", CODES.SESSION_ENDED);
    if (state.banned) throw APIError.from("FORBIDDEN", CODES.ACCOUNT_BANNED);
    return state;
  }

  /** The keys that sign tokens, by Better Auth's adapter. */
  signingKeys(context: KeyContext): SigningKeys {
    return keysOf(this.settings, this.database, context);
  }

  /** Of `keys`, those that may sign now.
   * @throws APIError when the one to sign can't be opened */
  usableKeys(keys: SigningKey[], context: KeyContext): Promise<SigningKey[]> {
    return this.signingKeys(context)
      .usable(keys)
      .catch((error: unknown) => {
        if (!(error instanceof RevocationError)) throw error;
        throw new APIError("SERVICE_UNAVAILABLE", CODES.SIGNING_KEY_UNREADABLE, { "Retry-After": "60" });
      });
  }

  async #assertReady(): Promise<void> {
    if (this.#ready) return;
    if (await this.#installationFault())
      throw APIError.from("SERVICE_UNAVAILABLE", CODES.REVOCATION_NOT_INSTALLED);
    this.#ready = true;
  }

  async #installationFault(): Promise<string | undefined> {
    return faultOf(await this.store.readiness(), this.settings.lifetime);
  }

  /** Why tokens can't be issued, as one line with the remedy. */
  async fault(context: KeyContext): Promise<string | undefined> {
    return (await this.#installationFault()) ?? (await this.#keyFault(context));
  }

  #keyFault(context: KeyContext): Promise<string | undefined> {
    return this.signingKeys(context)
      .assertReadable()
      .then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof RevocationError) return error.message;
          throw error;
        },
      );
  }
}

type KeyContext = Pick<AuthContext, "adapter" | "secretConfig">;
