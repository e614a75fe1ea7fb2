import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";

const MAIL = { to: "ada@example.com", subject: "Hello", text: "One line." };

beforeEach(() => {
  vi.resetModules();
  vi.stubEnv("DATABASE_URL", "postgresql://nobody@localhost/none");
});

describe("in development, without a mail server", () => {
  test("a message becomes a file that others can't read", async () => {
    const folder = join(await mkdtemp(join(tmpdir(), "mail-")), "new");
    vi.stubEnv("MAIL_FOLDER", folder);
    const { assertMailServer, hasMail, sendMail } = await import("#server/mail.ts");
    expect(hasMail()).toBe(true);
    await assertMailServer();
    await sendMail(MAIL);
    const [file = ""] = await readdir(folder);
    expect(await readFile(join(folder, file), "utf8")).toBe(
      "To: ada@example.com\nSubject: Hello\n\nOne line.",
    );
    expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
  });
});

describe("with neither server nor folder", () => {
  test("there is no mail", async () => {
    const { hasMail } = await import("#server/mail.ts");
    expect(hasMail()).toBe(false);
  });

  test("a link can't be asked for", async () => {
    const { post } = await import("../../test/people.ts");
    const answer = await post("/request-password-reset", undefined, { email: MAIL.to });
    expect([answer.status, (await answer.json()).code]).toEqual([404, "not_found"]);
  });
});
