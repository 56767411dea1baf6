import { readFile, stat } from "node:fs/promises";
import { exec } from "../exec.ts";
import { plainBytesMax, plainPages } from "../plain-pages.ts";
import { tools } from "../tools.ts";
import type { Locked, Outcome } from "./unlock.ts";

/** Exit codes of `qpdf --requires-password` (qpdf manual, "Exit Status"). */
const needsPassword = 0;

type Place = Pick<Locked, "cwd" | "signal">;

const runQpdf = ({ cwd, signal }: Place, args: string[], { stdin = "", cpuSeconds = 120 } = {}) =>
  exec({ command: tools.qpdf.command, args, cwd, limits: { ...tools.qpdf.memory, cpuSeconds }, signal, stdin });

/** More is a lie, or too much: either way the conversion refuses it. */
const pagesBelievedMax = 1_000_000;

/** How many pages a customer's PDF has; undefined when it cannot be opened, which its conversion will say better. */
export async function pdfPages({ input, ...place }: Place & Pick<Locked, "input">): Promise<number | undefined> {
  const plain = (await stat(input)).size <= plainBytesMax ? plainPages(await readFile(input)) : undefined;
  if (plain !== undefined) return plain;
  const { stdout } = await runQpdf(place, ["--show-npages", input], { cpuSeconds: 20 });
  const pages = Number(stdout);
  return Number.isInteger(pages) && pages > 0 && pages <= pagesBelievedMax ? pages : undefined;
}

export async function unlockPdf({ input, output, cwd, password, signal }: Locked): Promise<Outcome> {
  const qpdf = (args: string[], stdin = "") => runQpdf({ cwd, signal }, args, { stdin });
  // What opens without a password, or is too damaged to tell, goes on as it is.
  if ((await qpdf(["--requires-password", input])).code !== needsPassword) return "plain";
  if ((await qpdf(["--requires-password", "--password-file=-", input], password)).code === needsPassword) return "password-wrong";
  const { code } = await qpdf(["--decrypt", "--password-file=-", input, output], password);
  return code === 0 || code === 3 ? "decrypted" : "unsupported";
}
