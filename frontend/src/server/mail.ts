import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport, type Transporter } from "nodemailer";
import { env } from "#server/env.ts";
import { log } from "#server/log.ts";

export type Mail = { to: string; subject: string; text: string };

/** Milliseconds that a mail server has for its greeting, and for each of its answers. */
const PATIENCE = 10_000;

let cached: Transporter | undefined;

const smtp = (url: string): Transporter => {
  cached ??= createTransport(url, {
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
  } as object);
  return cached;
};

/** Whether mail can be sent at all: there is an SMTP server, or in development a folder in its place. */
export const hasMail = (): boolean => Boolean(env().SMTP_URL ?? env().MAIL_FOLDER);

/** Finds out whether the mail server would take a message now. @throws when it can't be reached or refuses us */
export async function assertMailServer(): Promise<void> {
  const { SMTP_URL } = env();
  if (SMTP_URL) await smtp(SMTP_URL).verify();
}

/** Hands a message to the mail server, or writes it into the folder. @throws when it was not taken */
export async function sendMail(mail: Mail): Promise<void> {
  const { SMTP_URL, MAIL_FROM, MAIL_FOLDER } = env();
  if (SMTP_URL) {
    await smtp(SMTP_URL).sendMail({ from: MAIL_FROM, ...mail });
  } else if (MAIL_FOLDER) {
    const file = join(MAIL_FOLDER, `${randomUUID()}.txt`);
    await mkdir(MAIL_FOLDER, { recursive: true });
    await writeFile(file, `To: ${mail.to}\nSubject: ${mail.subject}\n\n${mail.text}`, { mode: 0o600 });
    log("info", "mail_written", { file });
  }
}
