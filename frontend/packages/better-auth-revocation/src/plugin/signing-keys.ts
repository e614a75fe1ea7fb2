import type { AuthContext } from "better-auth";
import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import { generateExportedKeyPair, type Jwk } from "better-auth/plugins";
import type { Database } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import { untilVisible } from "./key-visibility.ts";
import type { Settings } from "./options.ts";

/** A key of Better Auth's jwt plugin. It is published at once, but signs only from `activatesAt` on. */
export type SigningKey = Jwk & { activatesAt?: Date | null };

/** Seconds between a new key's publication and its first signature; longer than any resource server keeps a key set. */
export const PUBLICATION_LEAD = 900;

/** The column that `activatesAt` is kept in. */
export const keySchema = {
  jwks: { fields: { activatesAt: { type: "date", required: false, input: false } } },
} as const;

/** What keys are made of, and where they are kept. */
export interface KeyStore {
  database: Database;
  /** The schema of the plugin's own objects, by which two installations in one database lock apart. */
  schema: string;
  adapter: Pick<AuthContext["adapter"], "findMany" | "create" | "update" | "delete">;
  secret: AuthContext["secretConfig"];
  algorithm: "EdDSA" | "RS256";
  /** Seconds that a key is published after its last signature. */
  gracePeriod: number;
}

export type KeyState = "signing" | "published" | "retiring" | "dead";

/** Whether a key may sign at `now` (milliseconds): published before, activated, and not yet expired. */
export const signsAt = ({ activatesAt, expiresAt }: SigningKey, now: number): boolean =>
  (!activatesAt || activatesAt.getTime() <= now) && (!expiresAt || expiresAt.getTime() > now);

export const keyPairOf = (algorithm: KeyStore["algorithm"]) =>
  algorithm === "RS256"
    ? ({ alg: "RS256", modulusLength: 2048 } as const)
    : ({ alg: "EdDSA", crv: "Ed25519" } as const);

/** The keys that sign access tokens: one that signs, those before it until their last token has expired, and the one to come. */
export class SigningKeys {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** The keys, the oldest first. */
  list = (): Promise<SigningKey[]> =>
    this.#store.adapter.findMany<SigningKey>({
      model: "jwks",
      limit: 1000,
      sortBy: { field: "createdAt", direction: "asc" },
    });

  /** When a key leaves the key set; nothing while no end is set. */
  endOf({ expiresAt }: SigningKey): Date | undefined {
    return expiresAt ? new Date(expiresAt.getTime() + this.#store.gracePeriod * 1000) : undefined;
  }

  /** What a key does at `now` (milliseconds): signs; waits to; verifies its last tokens; or nothing any more. */
  stateOf(key: SigningKey, now = Date.now()): KeyState {
    const { activatesAt, expiresAt } = key;
    const willSign = !expiresAt || !activatesAt || activatesAt < expiresAt;
    if (activatesAt && activatesAt.getTime() > now && willSign) return "published";
    if (signsAt(key, now)) return "signing";
    const end = this.endOf(key);
    return end && end.getTime() <= now ? "dead" : "retiring";
  }

  /** Makes sure that a key of the configured algorithm signs; safe to run twice, and from two machines at once. */
  ensure = (): Promise<SigningKey> =>
    this.#alone(async () => {
      const now = Date.now();
      const present = (await this.list()).find((key) => this.#isConfigured(key) && signsAt(key, now));
      return present ?? (await this.#make(new Date(now)));
    });

  /** Stores `key` unless one of its algorithm signs already: first requests in parallel end up with one key. Beside others it
   * is handed out only once every instance shows it. */
  async createOnce(key: Omit<SigningKey, "id">, wait = untilVisible): Promise<SigningKey> {
    const { signing, mustWait } = await this.#alone(async () => {
      const keys = await this.list();
      const present = keys.find((other) => algorithmOf(other) === key.alg && signsAt(other, Date.now()));
      return { signing: present ?? (await this.#add(key)), mustWait: !present && keys.length > 0 };
    });
    if (mustWait) await wait();
    return signing;
  }

  /** Publishes a new key that signs after `lead` seconds; the present ones then stop, and verify until their last token has
   * expired.
   * @throws RevocationError while one is published already */
  rotate = (lead = PUBLICATION_LEAD): Promise<SigningKey> =>
    this.#alone(async () => {
      const now = Date.now();
      const keys = await this.list();
      if (keys.some((key) => this.#isConfigured(key) && this.stateOf(key, now) === "published") && lead > 0) {
        throw new RevocationError(
          "a new key is published already and will sign soon; there is nothing to rotate yet",
        );
      }
      const activatesAt = new Date(now + lead * 1000);
      const created = await this.#make(activatesAt);
      for (const key of keys) {
        if (this.stateOf(key, now) === "dead") await this.#remove(key.id);
        else if (!key.expiresAt || key.expiresAt > activatesAt)
          await this.#update(key.id, { expiresAt: activatesAt });
      }
      return created;
    });

  /** Replaces every key by a new one within seconds, for when one has leaked: what they signed, or will, is worth nothing. No
   * instance shows a former key when this returns. */
  async replace(wait = untilVisible): Promise<SigningKey> {
    const { id } = await this.#alone(() => this.#make(new Date(Date.now() + PUBLICATION_LEAD * 1000)));
    // Shown everywhere first: a token by a key that an instance does not show would be refused.
    await wait();
    const replacement = await this.#alone(async () => {
      await this.#update(id, { activatesAt: new Date() });
      const keys = await this.list();
      const created = keys.find((key) => key.id === id);
      if (!created) throw new RevocationError("the new key was removed meanwhile; run it again");
      for (const key of keys) if (key.id !== id) await this.#remove(key.id);
      return created;
    });
    await wait();
    return replacement;
  }

  /** Withdraws a key: every token that it signed is refused from the next refresh of the key set on. No instance shows it
   * when this returns.
   * @throws RevocationError for the last key that signs, or an unknown one */
  async retire(id: string, wait = untilVisible): Promise<void> {
    await this.#alone(async () => {
      const keys = await this.list();
      if (!keys.some((key) => key.id === id)) throw new RevocationError(`there is no key ${id}`);
      if (!keys.some((key) => key.id !== id && this.stateOf(key) === "signing")) {
        throw new RevocationError(`${id} is the only key that signs; rotate first`);
      }
      await this.#remove(id);
    });
    await wait();
  }

  /** Of `keys`, those that may sign now: none of another algorithm than the configured one, which is the one announced.
   * @throws RevocationError when the secret does not open the newest, which is the one to sign */
  async usable(keys: SigningKey[]): Promise<SigningKey[]> {
    const now = Date.now();
    const usable = keys.filter((key) => this.#isConfigured(key) && signsAt(key, now));
    const [newest] = usable.toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
    if (newest) await this.#assertOpens(newest);
    return usable;
  }

  /** Proves that the configured secret opens every key that may still sign.
   * @throws RevocationError */
  async assertReadable(): Promise<void> {
    for (const key of await this.list()) {
      if (this.#isConfigured(key) && ["signing", "published"].includes(this.stateOf(key))) {
        await this.#assertOpens(key);
      }
    }
  }

  /** Better Auth's own jwt() may have stored the key unencrypted. */
  async #assertOpens({ id, privateKey }: SigningKey): Promise<void> {
    try {
      await symmetricDecrypt({ key: this.#store.secret, data: JSON.parse(privateKey) });
    } catch {
      throw new RevocationError(
        `the secret does not open the signing key ${id}; restore the secret that encrypted it, or run \`npx better-auth-revocation keys replace\``,
      );
    }
  }

  #isConfigured = (key: SigningKey): boolean => algorithmOf(key) === this.#store.algorithm;

  /** Runs `work` while nobody else changes keys. */
  #alone = <T>(work: () => Promise<T>): Promise<T> =>
    this.#store.database.alone(`better-auth-revocation signing key ${this.#store.schema}`, work);

  async #make(activatesAt: Date): Promise<SigningKey> {
    const keyPairConfig = keyPairOf(this.#store.algorithm);
    const { publicWebKey, privateWebKey, alg } = await generateExportedKeyPair({ jwks: { keyPairConfig } });
    const sealed = await symmetricEncrypt({ key: this.#store.secret, data: JSON.stringify(privateWebKey) });
    return this.#add({
      alg,
      publicKey: JSON.stringify(publicWebKey),
      privateKey: JSON.stringify(sealed),
      createdAt: new Date(),
      activatesAt,
      ...(publicWebKey.crv === "Ed25519" && { crv: "Ed25519" as const }),
    });
  }

  #add = (key: Omit<SigningKey, "id">): Promise<SigningKey> =>
    this.#store.adapter.create<Omit<SigningKey, "id">, SigningKey>({ model: "jwks", data: key });

  async #update(id: string, update: Partial<Pick<SigningKey, "activatesAt" | "expiresAt">>): Promise<void> {
    await this.#store.adapter.update({ model: "jwks", where: [{ field: "id", value: id }], update });
  }

  #remove = (id: string): Promise<void> =>
    this.#store.adapter.delete({ model: "jwks", where: [{ field: "id", value: id }] });
}

/** The keys of an application whose plugin has these settings. */
export const keysOf = (
  { schema, algorithm, keyGracePeriod: gracePeriod }: Settings,
  database: Database,
  { adapter, secretConfig: secret }: Pick<AuthContext, "adapter" | "secretConfig">,
): SigningKeys => new SigningKeys({ database, schema, adapter, secret, algorithm, gracePeriod });

const algorithmOf = ({ alg }: SigningKey) => alg ?? "EdDSA";
