import openapi from "#contract/openapi.gen.json" with { type: "json" };
import { sha256Hex } from "./assert.ts";

let known: string | undefined;

/** The release and a digest of its contract, as origin/version.ts tells them of the origin. */
export async function version(): Promise<string> {
  known ??= `${openapi.info.version}+${(await sha256Hex(JSON.stringify(openapi))).slice(0, 8)}`;
  return known;
}
