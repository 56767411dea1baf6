import { exec } from "../exec.ts";
import { tools } from "../tools.ts";
import type { Locked, Outcome } from "./unlock.ts";

/** Exit codes of `qpdf --requires-password` (qpdf manual, "Exit Status"). */
const needsPassword = 0;

export async function unlockPdf({ input, output, cwd, password, signal }: Locked): Promise<Outcome> {
  const qpdf = (args: string[], stdin = "") =>
    exec({ command: tools.qpdf.command, args, cwd, limits: { ...tools.qpdf.memory, cpuSeconds: 120 }, signal, stdin });
  // What opens without a password, or is too damaged to tell, goes on as it is.
  if ((await qpdf(["--requires-password", input])).code !== needsPassword) return "plain";
  if ((await qpdf(["--requires-password", "--password-file=-", input], password)).code === needsPassword) return "password-wrong";
  const { code } = await qpdf(["--decrypt", "--password-file=-", input, output], password);
  return code === 0 || code === 3 ? "decrypted" : "unsupported";
}
