const beside = new Set([
  "fonttbl",
  "colortbl",
  "stylesheet",
  "info",
  "listtable",
  "listoverridetable",
  "revtbl",
  "filetbl",
  "pict",
  "annotation",
]);

/** The text of an RTF's pages, roughly: what stands outside of tables and of groups that a reader may skip. */
export function rtfText(rtf: string): string {
  let text = "";
  let depth = 0;
  let skipped = Number.POSITIVE_INFINITY;
  for (const [token, word] of rtf.matchAll(/[{}]|\\\*|\\([a-z]+)-?\d* ?|\\'[\da-f]{2}|\\.|[^\\{}]+/gis)) {
    if (token === "{") depth++;
    else if (token === "}") {
      if (--depth < skipped) skipped = Number.POSITIVE_INFINITY;
    } else if (depth >= skipped) continue;
    else if (token === "\\*" || (word && beside.has(word))) skipped = depth;
    else if (!token.startsWith("\\")) text += token;
  }
  return text;
}
