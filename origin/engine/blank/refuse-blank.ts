// LibreOffice answers success, and an empty page, for content that it does not understand. Such a result is refused; one of a blank document is not.
import { createReadStream, readFileSync, rmSync, statSync } from "node:fs";
import { Problem } from "#contract/problems.ts";
import { PpmReader } from "../ppm.ts";
import type { Toolbox } from "../toolbox.ts";
import { blankBytesMax, mayBeBlank } from "./may-be-blank.ts";
import { type Shown, showsSomething } from "./shows-something.ts";

type Result = { path: string; pages: number };

/** Of a whole document: any page of it may be blank. */
export async function refuseBlank(toolbox: Pick<Toolbox, "run">, input: Shown, result: Result): Promise<void> {
  if (statSync(result.path).size > blankBytesMax(result.pages)) return;
  if (!mayBeBlank(readFileSync(result.path))) return;
  if ((await isWhite(toolbox, result.path)) && (await showsSomething(input)))
    throw new Problem("result-invalid", "All pages are blank, and the document is not.");
}

async function isWhite(toolbox: Pick<Toolbox, "run">, pdf: string): Promise<boolean> {
  const rendered = `${pdf}.ppm`;
  try {
    await toolbox.run("pdftoppm", ["-r", "10", pdf], { appendTo: rendered });
    const pages = new PpmReader(createReadStream(rendered));
    for (let page = await pages.next(); page; page = await pages.next()) if (page.pixels.some((value) => value !== 255)) return false;
    return true;
  } finally {
    rmSync(rendered, { force: true });
  }
}
