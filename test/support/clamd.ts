import { join } from "node:path";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { testSignatures } from "#scripts/stack/signatures.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

/** clamd with signatures that know only the EICAR file. With the `dir` of an earlier one it comes back at the same address; `instead`: other settings than the right ones. */
export async function startClamd(options: { dir?: string; instead?: Record<string, string> } = {}): Promise<Started & { dir: string }> {
  const { dir = await temporaryFolder("clamd"), instead = {} } = options;
  const signatures = testSignatures(join(dir, "signatures"));
  const part = clamdPart({ dir, signatures, logPath: join(dir, "clamd.log"), instead }, process.env);
  return { ...(await startPart(part, { url: `unix:${clamdSocket(dir)}`, folder: dir })), dir };
}
