import { join } from "node:path";
import { z } from "zod";
import { exec } from "../exec.ts";
import type { Locked, Outcome } from "./unlock.ts";

const Answer = z.object({ outcome: z.enum(["plain", "decrypted", "password-wrong", "unsupported"]) });
const script = join(import.meta.dirname, "office_unlock.py");
const limits = { cpuSeconds: 120, addressBytes: 4_000_000_000 };

export async function unlockOffice(python: string, { input, output, cwd, password, signal }: Locked): Promise<Outcome> {
  const { stdout } = await exec({
    command: python,
    args: [script],
    cwd,
    limits,
    signal,
    stdin: JSON.stringify({ input, output, password }),
  });
  const answer = Answer.safeParse(parseJson(stdout));
  return answer.success ? answer.data.outcome : "unsupported";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
