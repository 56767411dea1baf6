import sharp from "sharp";
import type { EngineFacts } from "#contract/jobs.ts";
import { exec } from "./exec.ts";

/** Versions of the programs that do not change while the box runs. */
export async function toolVersions(cwd: string): Promise<EngineFacts["versions"]> {
  const versions: EngineFacts["versions"] = { node: process.versions.node, libvips: sharp.versions.vips };
  const asked = { poppler: ["/usr/bin/pdfinfo", "-v"], qpdf: ["/usr/bin/qpdf", "--version"] };
  for (const [name, [command = "", ...args]] of Object.entries(asked)) {
    const { stdout, stderr } = await exec({ command, args, cwd });
    const version = /version (\d[\w.]*)/.exec(`${stdout}${stderr}`)?.[1];
    if (version) versions[name] = version;
  }
  return versions;
}
