// Mails leave in the background: a request never waits for a mail server, and never fails because of one.
import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "nodemailer";
import type { Logger } from "../log.ts";
import type { Letter } from "./letters.ts";

export type Post = {
  /** `kind` is for the log, which never holds addresses. */
  send(kind: string, to: string, letter: Letter): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
  /** Lets what is under way be delivered, for so long. */
  close(limitMs: number): Promise<void>;
};

type Options = { mail: "smtp" | "log"; smtpUrl: string | undefined; from: string | undefined; log: Logger; waitsMs?: readonly number[] };

/** Seconds between tries: some 12 minutes in all. */
const usualWaitsMs = [1_000, 5_000, 30_000, 120_000, 600_000];

export function post(options: Options): Post {
  if (options.mail === "log") return logPost(options.log);
  return options.smtpUrl === undefined ? noPost(options.log) : smtpPost({ ...options, smtpUrl: options.smtpUrl });
}

function smtpPost({ smtpUrl, from, log, waitsMs = usualWaitsMs }: Options & { smtpUrl: string }): Post {
  const transport = createTransport({ url: smtpUrl, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 });
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  const deliver = async (kind: string, to: string, letter: Letter): Promise<void> => {
    for (let tries = 0; ; tries++) {
      const isLast = closing.signal.aborted;
      try {
        await transport.sendMail({ from, to, ...letter, headers: { "Auto-Submitted": "auto-generated" } });
        return log.info({ kind, tries: tries + 1 }, "mail sent");
      } catch (err) {
        const waitMs = waitsMs[tries];
        if (waitMs === undefined || isLast) return log.error({ kind, tries: tries + 1, err: reason(err) }, "mail lost");
        log.warn({ kind, tries: tries + 1, err: reason(err) }, "mail not sent yet");
        // Closing ends the wait: one more try, at once.
        await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  };
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    send(kind, to, letter) {
      const delivery = deliver(kind, to, letter).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    idle,
    async close(limitMs) {
      closing.abort();
      const late = sleep(limitMs, "late" as const, { ref: false });
      if ((await Promise.race([idle(), late])) === "late") log.error({ mails: underWay.size }, "mails lost at shutdown");
      transport.close();
    },
  };
}

/** For one's own machine: the log holds links that sign somebody in. */
const logPost = (log: Logger): Post => ({
  send: (kind, to, { subject, text }) => log.info({ kind, to, subject, text }, "mail"),
  idle: async () => {},
  close: async () => {},
});

const noPost = (log: Logger): Post => ({
  send: (kind) => log.error({ kind }, "mail lost: SMTP_URL is not set"),
  idle: async () => {},
  close: async () => {},
});

/** A mail server's answer may repeat the recipient. */
function reason(error: unknown): { code?: unknown; responseCode?: unknown; name?: string } {
  if (!(error instanceof Error)) return {};
  const { name } = error;
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }; // nodemailer's errors carry these
  return { name, code, responseCode };
}
