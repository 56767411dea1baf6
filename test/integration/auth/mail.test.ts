import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { letters } from "#origin/auth/letters.ts";
import { post } from "#origin/auth/mail.ts";
import { type Mail, startMailServer } from "./support/mail-server.ts";
import { linkIn } from "./support/person.ts";

let server: Awaited<ReturnType<typeof startMailServer>>;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.stop());

/** What is logged, line by line. */
function remembering() {
  const lines: string[] = [];
  return { lines, log: pino({ level: "debug" }, { write: (line: string) => void lines.push(line) }) };
}
const from = "TrustyConvert <no-reply@convert.test>";
const link = "http://convert.test/api/auth/verify-email?token=abc.def.ghi&callbackURL=%2Fwelcome";
const fresh = (() => {
  let n = 0;
  return () => `somebody-${n++}@example.org`;
})();

test("a mail is plain text and HTML with the same link, marked as automatic, and loads nothing", async () => {
  const { log } = remembering();
  const sender = post({ mail: "smtp", smtpUrl: server.url, from, log });
  const to = fresh();
  sender.send("verify", to, letters.verify(link));
  const mail: Mail = await server.nth(to);
  expect(linkIn(mail.text)).toBe(link);
  expect(mail.raw).toContain("Auto-Submitted: auto-generated");
  expect(mail.raw).toContain("text/html");
  expect(mail.raw).not.toMatch(/<img|<script|<link|url\(/i);
  await sender.close(1_000);
});

test("a mail that the server does not take at once is tried again, and arrives once", async () => {
  const { log, lines } = remembering();
  const sender = post({ mail: "smtp", smtpUrl: server.url, from, log, waitsMs: [10, 10, 10] });
  const to = fresh();
  server.refuse(2);
  sender.send("verify", to, letters.verify(link));
  await sender.idle();
  expect(server.to(to)).toHaveLength(1);
  expect(lines.filter((line) => line.includes("mail not sent yet"))).toHaveLength(2);
  await sender.close(1_000);
});

test("a mail that is given up is an error in the log, which names neither address nor link", async () => {
  const { log, lines } = remembering();
  const sender = post({ mail: "smtp", smtpUrl: "smtp://127.0.0.1:1", from, log, waitsMs: [5, 5] });
  const to = fresh();
  expect(() => sender.send("reset", to, letters.verify(link))).not.toThrow();
  await sender.idle();
  const lost = lines.filter((line) => line.includes("mail lost"));
  expect(lost).toHaveLength(1);
  expect(JSON.parse(lost[0] ?? "{}")).toMatchObject({ level: 50, kind: "reset", tries: 3 });
  expect(lines.join("")).not.toContain(to);
  expect(lines.join("")).not.toContain("token=");
  await sender.close(100);
});

test("at shutdown what waits for another try gets it at once", async () => {
  const { log, lines } = remembering();
  const sender = post({ mail: "smtp", smtpUrl: server.url, from, log, waitsMs: [3_600_000] });
  const to = fresh();
  server.refuse(1);
  sender.send("verify", to, letters.verify(link));
  await expect.poll(() => lines.join("")).toContain("mail not sent yet");
  expect(server.to(to)).toHaveLength(0);
  await sender.close(60_000);
  expect(server.to(to)).toHaveLength(1);
});

test("without a mail server the log says what is lost; on one's own machine it holds the link", () => {
  const silent = remembering();
  post({ mail: "smtp", smtpUrl: undefined, from: undefined, log: silent.log }).send("verify", "a@example.org", letters.verify(link));
  expect(silent.lines.join("")).toContain("SMTP_URL is not set");
  expect(silent.lines.join("")).not.toContain("token=");
  const own = remembering();
  post({ mail: "log", smtpUrl: undefined, from: undefined, log: own.log }).send("verify", "a@example.org", letters.verify(link));
  expect(linkIn(JSON.parse(own.lines[0] ?? "{}").text)).toBe(link);
});
