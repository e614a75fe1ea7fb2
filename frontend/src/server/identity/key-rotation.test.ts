import { PUBLICATION_LEAD, type SigningKey } from "better-auth-revocation/composition";
import { decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import {
  assertKeysDecrypt,
  CommandError,
  describeKeys,
  ensureSigningKey,
  listKeys,
  replaceKeys,
  retireKey,
  rotateKey,
} from "#server/identity/key-rotation.ts";
import { assertStartable } from "#server/startup.ts";
import { testDatabase } from "../../../test/database.ts";
import { get, signUp } from "../../../test/people.ts";

const stage = testDatabase();

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  await database().query("DELETE FROM auth.jwks");
  await ensureSigningKey();
});
afterEach(() => {
  vi.useRealTimers();
  env().JWT_ALGORITHM = "EdDSA";
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

const publishedKids = async (): Promise<string[]> =>
  (await (await get("/jwks")).json()).keys.map(({ kid }: { kid: string }) => kid);

const signingHeader = async () => decodeProtectedHeader((await signUp()).accessToken);
const signingKid = async () => (await signingHeader()).kid;

async function onlyKey(): Promise<SigningKey> {
  const keys = await listKeys();
  expect(keys).toHaveLength(1);
  return keys[0] as SigningKey;
}

const described = async (id: string) => (await describeKeys()).find(({ key }) => key.id === id);
const stateOf = async (id: string) => (await described(id))?.state;

describe("the first key", () => {
  test("is one, even when it is asked for by the first requests", async () => {
    await database().query("DELETE FROM auth.jwks");
    const answers = await Promise.all(Array.from({ length: 20 }, publishedKids));
    expect(answers.flat()).toEqual(Array(20).fill((await onlyKey()).id));
  });

  test("is kept by every later migration", async () => {
    const [first] = await listKeys();
    const again = await Promise.all([ensureSigningKey(), ensureSigningKey()]);
    expect(again.map(({ id }) => id)).toEqual([first?.id, first?.id]);
  });
});

describe("rotation", () => {
  test("publishes before it signs", async () => {
    const old = await onlyKey();
    const created = await rotateKey();
    expect(await publishedKids()).toEqual(expect.arrayContaining([old.id, created.id]));
    expect(await stateOf(created.id)).toBe("published");

    pass(PUBLICATION_LEAD - 1);
    expect(await signingKid()).toBe(old.id);
    pass(1);
    expect(await signingKid()).toBe(created.id);
  });

  test("publishes the old key until its last token is dead, and no longer", async () => {
    const old = await onlyKey();
    await rotateKey();
    const end = (await described(old.id))?.end?.getTime() ?? 0;
    expect(end).toBe(Date.now() + (PUBLICATION_LEAD + env().JWKS_GRACE_PERIOD) * 1000);

    vi.setSystemTime(end - 1);
    expect(await stateOf(old.id)).toBe("retiring");
    expect(await publishedKids()).toContain(old.id);
    vi.setSystemTime(end);
    expect(await stateOf(old.id)).toBe("dead");
    expect(await publishedKids()).not.toContain(old.id);
  });

  test("clears away the dead", async () => {
    const old = await onlyKey();
    await rotateKey();
    pass(PUBLICATION_LEAD + env().JWKS_GRACE_PERIOD + 1);
    await rotateKey();
    expect((await listKeys()).map(({ id }) => id)).not.toContain(old.id);
  });

  test("waits while a new key is on its way", async () => {
    await rotateKey();
    await expect(rotateKey()).rejects.toThrow(CommandError);
    pass(PUBLICATION_LEAD);
    await expect(rotateKey()).resolves.toBeDefined();
  });

  test("at once overtakes a key on its way, which then never signs", async () => {
    const waiting = await rotateKey();
    const created = await rotateKey(0);
    expect(await signingKid()).toBe(created.id);
    expect(await stateOf(waiting.id)).toBe("retiring");
    await expect(rotateKey()).resolves.toBeDefined();
  });

  test("without pause leaves exactly one key that signs", async () => {
    await rotateKey(0);
    pass(1);
    await rotateKey(0);
    pass(1);
    expect((await describeKeys()).filter(({ state }) => state === "signing")).toHaveLength(1);
  });
});

describe("withdrawal", () => {
  test("refuses the last key that signs", async () => {
    const { id } = await onlyKey();
    await expect(retireKey(id)).rejects.toThrow(`${id} is the only key that signs; rotate first`);
    expect((await onlyKey()).id).toBe(id);
  });

  test("refuses it too while its successor only waits", async () => {
    const { id } = await onlyKey();
    await rotateKey();
    await expect(retireKey(id)).rejects.toThrow(CommandError);
  });

  test("takes a former key out of the key set, and waits until no instance shows it", async () => {
    const { id } = await onlyKey();
    await rotateKey(0);
    const shown: string[][] = [];
    await retireKey(id, async () => void shown.push(await publishedKids()));
    expect(shown).toEqual([[expect.not.stringMatching(id)]]);
  });

  test("of an unknown key is refused", async () => {
    await expect(retireKey("nonesuch")).rejects.toThrow("there is no key nonesuch");
  });

  test("of everything leaves one new key", async () => {
    const { id } = await onlyKey();
    await rotateKey();
    const shown: string[][] = [];
    const created = await replaceKeys(async () => {
      shown.push(await publishedKids(), [(await signingKid()) ?? ""]);
    });
    // While an instance may not show the new key yet, the former one signs.
    expect(shown.slice(0, 2)).toEqual([expect.arrayContaining([id, created.id]), [id]]);
    // And it is over only when no instance can show a former key.
    expect(shown.slice(2)).toEqual([[created.id], [created.id]]);
    expect(created.id).not.toBe(id);
    expect(await publishedKids()).toEqual([created.id]);
    expect(await signingKid()).toBe(created.id);
  });
});

describe("another algorithm", () => {
  test("gets a key of its own, and the former tokens keep theirs", async () => {
    const old = await onlyKey();
    env().JWT_ALGORITHM = "RS256";
    const created = await ensureSigningKey();
    expect(created.alg).toBe("RS256");
    const { keys } = await (await get("/jwks")).json();
    expect(keys.map(({ kid, kty, alg }: Record<string, string>) => [kid, kty, alg])).toEqual([
      [old.id, "OKP", "EdDSA"],
      [created.id, "RSA", "RS256"],
    ]);
    for (const key of keys) expect(key).not.toHaveProperty("d");
  });
});

describe("a changed secret", () => {
  const otherSecret = () => database().query('UPDATE auth.jwks SET "privateKey" = \'"00"\'');

  test("is a clear refusal at start that names the repair", async () => {
    await expect(assertStartable()).resolves.toBeUndefined();
    await otherSecret();
    await expect(assertKeysDecrypt()).rejects.toThrow(CommandError);
    await expect(assertStartable()).rejects.toThrow(
      /^BETTER_AUTH_SECRET does not open the signing keys; restore/,
    );
  });
});

describe("at start", () => {
  test("a database that is away does not stop it", async () => {
    await expect(stage.unreachableWhile(assertStartable)).resolves.toBeUndefined();
  });

  test("tokens that would outlive their revocations do", async () => {
    const { ACCESS_TOKEN_LIFETIME } = env();
    env().ACCESS_TOKEN_LIFETIME = 31 * 86_400 + 1;
    try {
      await expect(assertStartable()).rejects.toThrow(/^ACCESS_TOKEN_LIFETIME is longer than/);
    } finally {
      env().ACCESS_TOKEN_LIFETIME = ACCESS_TOKEN_LIFETIME;
    }
  });

  test("lost revocation triggers do", async () => {
    await database().query("ALTER TABLE auth.session DISABLE TRIGGER revocation_session_deleted");
    try {
      await expect(assertStartable()).rejects.toThrow(/session\.revocation_session_deleted/);
    } finally {
      await database().query("ALTER TABLE auth.session ENABLE TRIGGER revocation_session_deleted");
    }
  });

  test("a database that is not prepared does, with the repair named", async () => {
    await database().query("ALTER TABLE auth.jwks RENAME TO moved");
    try {
      await expect(assertStartable()).rejects.toThrow(/^DATABASE_URL .* run `make migrate`$/);
    } finally {
      await database().query("ALTER TABLE auth.moved RENAME TO jwks");
    }
  });
});
