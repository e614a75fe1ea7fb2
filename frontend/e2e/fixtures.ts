import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type APIRequestContext, test as base, expect, type Page, request } from "@playwright/test";

export interface Person {
  name: string;
  email: string;
  password: string;
}

export const API_URL = process.env["API_URL"] ?? "http://localhost:8000";

/** Words that do not break, and words from right to left. */
export const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
export const ARABIC = "ملاحظات عن مراجعة الأمان";

/** Somebody without an account yet. */
export function somebody(): Person {
  return { name: "Ada Lovelace", email: `ada-${crypto.randomUUID()}@example.com`, password: "Correct1horse" };
}

interface Fixtures {
  /** Somebody with an account, whom `page` is signed in as. */
  person: Person;
  signedInPage: Page;
  /** The page of somebody who is an administrator. */
  adminPage: Page;
}

/** By how much the pages' processor is slowed down: SLOW=8 is a weak phone, and shows what a test does not wait for. */
const SLOWNESS = Number(process.env["SLOW"] ?? 1);

export const test = base.extend<Fixtures>({
  context: async ({ context }, use) => {
    if (SLOWNESS > 1) {
      context.on("page", async (page) => {
        const session = await context.newCDPSession(page);
        await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWNESS });
      });
    }
    await use(context);
  },
  /** A page on which React found nothing to complain of, such as text that came out different in the browser. */
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => {
      if (message.includes("React error")) complaints.push(message);
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
  person: async ({ page, baseURL }, use) => {
    const person = somebody();
    await openSession(page.request, "sign-up", person, String(baseURL));
    await use(person);
  },
  signedInPage: async ({ page, person }, use) => {
    void person;
    await use(page);
  },
  adminPage: async ({ page, person }, use) => {
    await promisify(execFile)(process.execPath, [
      "--import",
      "./scripts/allow-server-only.ts",
      "scripts/role.ts",
      person.email,
      "admin",
    ]);
    await use(page);
  },
});

export { expect };

async function openSession(
  context: APIRequestContext,
  form: "sign-up" | "sign-in",
  data: Person,
  origin: string,
): Promise<void> {
  const answer = await context.post(`/api/session/${form}`, { data, headers: { origin } });
  if (!answer.ok()) throw new Error(`${form} answered ${answer.status()}: ${await answer.text()}`);
}

/** Opens `path`, and does `act` before any of the page's scripts runs. */
export async function beforeScripts(page: Page, path: string, act: () => Promise<void>): Promise<void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/_next/**/*.js", (route) => held.then(() => route.continue()));
  await page.goto(path, { waitUntil: "commit" });
  await act();
  release();
  await page.waitForLoadState();
}

/** Another device of `person`: a client that holds a session of its own. */
export async function signInElsewhere(person: Person, origin: string): Promise<APIRequestContext> {
  const device = await request.newContext({
    baseURL: origin,
    userAgent: "Mozilla/5.0 (X11; Linux) Firefox/140.0",
  });
  await openSession(device, "sign-in", person, origin);
  return device;
}

/** Somebody else, who is signed in on a device of their own. */
export async function signUpElsewhere(
  origin: string,
  is: Partial<Person> = {},
): Promise<{ person: Person; request: APIRequestContext }> {
  const person = { ...somebody(), ...is };
  const device = await request.newContext({ baseURL: origin });
  await openSession(device, "sign-up", person, origin);
  return { person, request: device };
}

export async function fillSignUp(page: Page, { name, email, password }: Person): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await fillSignIn(page, { name, email, password });
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
