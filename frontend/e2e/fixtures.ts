import { test as base, type Page, request } from "@playwright/test";

export interface Person {
  name: string;
  email: string;
  password: string;
}

export const API_URL = process.env["API_URL"] ?? "http://localhost:8000";

/** Somebody without an account yet. */
export function somebody(): Person {
  return { name: "Ada Lovelace", email: `ada-${crypto.randomUUID()}@example.com`, password: "Correct1horse" };
}

interface Fixtures {
  /** Somebody with an account, whom `page` is signed in as. */
  person: Person;
  signedInPage: Page;
}

export const test = base.extend<Fixtures>({
  person: async ({ page, baseURL }, use) => {
    const person = somebody();
    const answer = await page.request.post("/api/session/sign-up", {
      data: person,
      headers: { origin: String(baseURL) },
    });
    if (!answer.ok()) throw new Error(`sign-up answered ${answer.status()}: ${await answer.text()}`);
    await use(person);
  },
  signedInPage: async ({ page, person }, use) => {
    await use(page);
    void person;
  },
});

export { expect } from "@playwright/test";

export async function fillSignUp(page: Page, { name, email, password }: Person): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

export async function fillSignIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

export async function writeNote(page: Page, title: string, body = ""): Promise<void> {
  const form = page.getByRole("region", { name: "New note" });
  await form.getByLabel("Title").fill(title);
  await form.getByLabel("Text").fill(body);
  await form.getByRole("button", { name: "Save note" }).click();
}

/** Ends the page's session behind its back: the browser keeps its cookies. */
export async function endSessionElsewhere(page: Page, origin: string): Promise<void> {
  const twin = await request.newContext({
    baseURL: origin,
    storageState: await page.context().storageState(),
    extraHTTPHeaders: { origin },
  });
  const answer = await twin.post("/api/session/sign-out");
  if (!answer.ok()) throw new Error(`sign-out answered ${answer.status()}`);
  await twin.dispose();
}
