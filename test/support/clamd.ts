import { join } from "node:path";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { testSignatures } from "#scripts/stack/signatures.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

/** clamd with signatures that know only the EICAR file. */
export async function startClamd(): Promise<Started> {
  const dir = await temporaryFolder("clamd");
  const part = clamdPart({ dir, signatures: testSignatures(join(dir, "signatures")), logPath: join(dir, "clamd.log") }, process.env);
  return startPart(part, { url: `unix:${clamdSocket(dir)}`, folder: dir });
}
