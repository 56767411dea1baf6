// THE table of hostile inputs.

import type { Row } from "./row.ts";
import { archives } from "./rows/archives.ts";
import { encrypted } from "./rows/encrypted.ts";
import { links } from "./rows/links.ts";
import { macros } from "./rows/macros.ts";
import { malware } from "./rows/malware.ts";
import { pdfBombs } from "./rows/pdf-bombs.ts";
import { pdfs } from "./rows/pdfs.ts";
import { heavy, pageRanges, texts } from "./rows/texts.ts";
import { truncated, wrongTypes } from "./rows/types.ts";

export const rows: readonly Row[] = Object.entries({
  // first, because the longest run beside the others
  heavy,
  malware,
  containers: archives,
  encrypted,
  "wrong types": wrongTypes,
  "cut files": truncated,
  "PDF bombs": pdfBombs,
  PDF: pdfs,
  links,
  macros,
  texts,
  "page ranges": pageRanges,
}).flatMap(([group, members]) => members.map((row) => ({ ...row, title: `${group}: ${row.title}` })));

/** A table that says two things about one row, or nothing, shows nothing. */
for (const { title, refused = [], succeeded, because } of rows) {
  const ends = refused.length + (succeeded ? 1 : 0);
  if (ends === 0 || (ends > 1 && because === undefined)) throw new Error(`${title}: ${ends} ends need a reason`);
}
