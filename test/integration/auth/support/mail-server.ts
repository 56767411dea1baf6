// A mail server that takes everything, and can be told not to.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { SMTPServer } from "smtp-server";

export type Mail = { to: string; subject: string; text: string; raw: string };

export async function startMailServer() {
  const mails: Mail[] = [];
  let refusals = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      buffer(stream).then((bytes) => {
        if (refusals > 0) {
          refusals--;
          return done(Object.assign(new Error("come back later"), { responseCode: 451 }));
        }
        const raw = bytes.toString("utf8");
        mails.push({ to: envelope.rcptTo[0]?.address ?? "", ...read(raw), raw });
        done();
      }, done);
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    /** The next so many mails are answered with "come back later". */
    refuse: (count: number) => {
      refusals = count;
    },
    to: (address: string) => mails.filter(({ to }) => to === address),
    /** The nth mail to an address, when it has come. */
    async nth(address: string, n = 1): Promise<Mail> {
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(10)) {
        const mail = mails.filter(({ to }) => to === address)[n - 1];
        if (mail) return mail;
      }
      throw new Error(`no mail ${n} to ${address} came; there are ${mails.length}`);
    },
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Subject and plain text of a multipart/alternative mail. */
function read(raw: string): { subject: string; text: string } {
  const subject = /^Subject: (.*)$/m.exec(raw)?.[1]?.trim() ?? "";
  const [, encoding = "", body = ""] =
    /Content-Type: text\/plain[^\r\n]*\r\n(?:Content-Transfer-Encoding: ([\w-]+)\r\n)?\r\n([\s\S]*?)\r\n--/.exec(raw) ?? [];
  return { subject, text: encoding === "quoted-printable" ? quotedPrintable(body) : body };
}

const quotedPrintable = (text: string): string =>
  Buffer.from(
    text.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
