// Whether a document has something to show: a letter, a digit or a picture of its own. A document that hides anything is believed to hide it all,
// and one whose format is not read here (the binary ones) to be blank: in doubt a blank result is right.
import type { OperationContext } from "#contract/operation.ts";
import { readingFile } from "../inspect/container/byte-source.ts";
import { openZip, type Zip } from "../inspect/zip.ts";
import { rtfText } from "./rtf-text.ts";

const partBytesMax = 16_000_000;

export type Shown = Pick<OperationContext["input"], "path" | "type" | "text">;

export async function showsSomething({ path, type, text }: Shown): Promise<boolean> {
  if (text) return type === "text/html" ? htmlShows(text.head) : hasWord(text.head);
  return readingFile(path, (source) => {
    const head = source.read(0, partBytesMax).toString("utf8");
    if (head.startsWith("{\\rtf")) return rtfShows(head);
    if (!head.startsWith("PK")) return odfShows(head);
    return zipShows(openZip(source));
  });
}

const hasWord = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
const textOf = (markup: string): string => markup.replace(/<[^<>]*>|&[^;<]{1,10};/g, " ");
const hasWordIn = (markup: string, element: RegExp): boolean => [...markup.matchAll(element)].some(([found]) => hasWord(textOf(found)));

const opcHides = /<w:(vanish|webHidden)\b|\s(hidden="(1|t)|(show|showZeros)="(0|f)|state="(h|veryH)idden")|_xlnm\.Print_Area|;;/;
const odfHides =
  /\s(text:display="none|text:is-hidden="true|table:visibility="(collapse|filter)|table:display="false|presentation:visibility="hidden|table:print(-ranges)?=)/;

async function zipShows(zip: Zip): Promise<boolean> {
  const read = async (names: RegExp) =>
    (await Promise.all(zip.names.filter((name) => names.test(name)).map((name) => zip.read(name, partBytesMax)))).join("\n");
  const odf = await read(/^content\.xml$/);
  if (odf) return odfShows(odf, await read(/^styles\.xml$/));
  const settings = await read(/^(word|xl)\/(styles|workbook)\.xml$/);
  const parts = await read(/^(word\/document\d*|ppt\/slides\/slide\d+|xl\/(worksheets|drawings)\/[^/]+)\.xml$/);
  if (opcHides.test(settings + parts)) return false;
  const shared = /<c\b[^<>]*\st="s"/.test(parts) ? await read(/^xl\/sharedStrings\.xml$/) : "";
  return (
    hasWordIn(parts + shared, /<(?:\w+:)?t(?:\s[^<>]*)?>[^<]*/g) ||
    hasWordIn(parts, /<c(?![^<>]*\st="s")(?:\s[^<>]*)?>(?:<f[^<>]*>[^<]*<\/f>)?<v>[^<]*/g) ||
    /\sr:embed="|<w:altChunk\b/.test(parts)
  );
}

function odfShows(markup: string, styles = ""): boolean {
  const body = markup.indexOf("<office:body");
  if (body < 0 || odfHides.test(styles + markup)) return false;
  // what is beside the pages: comments, deleted text, speakers' notes
  const beside = ["office:annotation", "text:tracked-changes", "presentation:notes"].map((name): [string, string] => [
    `<${name}`,
    `</${name}>`,
  ]);
  const pages = beside.reduce(without, markup.slice(body));
  return hasWord(textOf(pages)) || /<draw:image\b[^<>]*\sxlink:href="Pictures\//.test(pages);
}

/** Scripts are not run, so what they would write is not there. */
function htmlShows(markup: string): boolean {
  if (/display\s*:\s*none|visibility\s*:\s*hidden|\shidden\b/i.test(markup)) return false;
  const beside = ["script", "style", "title"].map((name): [string, string] => [`<${name}`, `</${name}`]);
  const body = beside.reduce(without, without(markup.toLowerCase(), ["<!--", "-->"]));
  return hasWord(textOf(body)) || /<img\b[^<>]*\ssrc\s*=\s*["']?data:image\//.test(body);
}

const rtfShows = (markup: string): boolean => !/\\v\b(?!0)/.test(markup) && (hasWord(rtfText(markup)) || /\\pict\b/.test(markup));

/** Linear, because the text is anybody's. What does not close reaches to the end. */
function without(markup: string, [open, close]: [string, string]): string {
  let kept = "";
  let from = 0;
  for (let at = markup.indexOf(open); at >= 0; at = markup.indexOf(open, from)) {
    kept += markup.slice(from, at);
    const end = markup.indexOf(close, at);
    if (end < 0) return kept;
    from = end + close.length;
  }
  return kept + markup.slice(from);
}
