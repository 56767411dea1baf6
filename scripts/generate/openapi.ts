import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { openapiDocument } from "#contract/openapi.ts";

export async function openapi(root: string) {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  return { path: "contract/openapi.gen.json", text: `${JSON.stringify(openapiDocument(version), null, 2)}\n` };
}
