import { join } from "node:path";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { testSignatures } from "#scripts/stack/signatures.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

/** clamd with signatures that know only the EICAR file. With the `dir` of an earlier one it comes back at the same address. */
export async function startClamd(options: { dir?: string } = {}): Promise<Started & { dir: string }> {
  const dir = options.dir ?? (await temporaryFolder("clamd"));
  const part = clamdPart({ dir, signatures: testSignatures(join(dir, "signatures")), logPath: join(dir, "clamd.log") }, process.env);
  return { ...(await startPart(part, { url: `unix:${clamdSocket(dir)}`, folder: dir })), dir };
}
