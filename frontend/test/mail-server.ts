import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

export interface MailServer {
  url: string;
  /** Everything that was taken, as it was sent. */
  messages: string[];
  /** The next message to be taken. */
  next(): Promise<string>;
  close(): Promise<void>;
}

/** An SMTP server on loopback that takes whatever comes. */
export async function startMailServer(port = 0): Promise<MailServer> {
  const arrivals = new EventEmitter();
  const messages: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    // Without a name server that takes seconds.
    disableReverseLookup: true,
    onData: (stream, _session, done) => {
      text(stream).then((message) => {
        messages.push(message);
        arrivals.emit("message", message);
        done();
      }, done);
    },
  });
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    messages,
    next: async () => (await once(arrivals, "message"))[0] as string,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The token of the link in a message. */
export function tokenIn(message: string): string {
  const token = /\/reset-password#(\S+)/.exec(message)?.[1];
  if (!token) throw new Error("there is no link in the message");
  return token;
}
