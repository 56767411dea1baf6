// Counts the pages of a PDF as LibreOffice writes it: one classical table of objects, and a page tree in the clear. Costs a hundredth of a process.

type Reference = (number: number) => string | undefined;

/** Larger files are not read whole to count their pages. */
export const plainBytesMax = 16_000_000;

const entryBytes = 20;
const dictionaryBytesMax = 1_000_000;
const pagesMax = 100_000;

/** Every object must begin where the table says, and the tree must hold what it counts. Undefined for any other PDF: that is qpdf's to judge. */
export function plainPages(pdf: Buffer): number | undefined {
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(pdf.toString("latin1", pdf.length - 64))?.[1] ?? pdf.length);
  const head = /^xref\s0 (\d{1,7})\s*?\n/.exec(pdf.toString("latin1", start, start + 32));
  if (!head) return undefined;
  const count = Number(head[1]);
  const entriesAt = start + head[0].length;
  const trailer = pdf.toString("latin1", entriesAt + count * entryBytes);
  const root = /\/Root (\d+) 0 R/.exec(trailer)?.[1];
  if (!/^\s*trailer\s*<</.test(trailer) || /\/(Prev|XRefStm|Encrypt)\b/.test(trailer) || root === undefined) return undefined;

  const offsets = new Map<number, number>();
  for (let number = 0; number < count; number++) {
    const entry = /^(\d{10}) 00000 n/.exec(pdf.toString("latin1", entriesAt + number * entryBytes, entriesAt + (number + 1) * entryBytes));
    if (!entry) continue;
    const header = `${number} 0 obj`;
    const offset = Number(entry[1]);
    if (pdf.toString("latin1", offset, offset + header.length) !== header) return undefined;
    offsets.set(number, offset + header.length);
  }
  const object = (number: number) => {
    const from = offsets.get(number);
    const end = from === undefined ? -1 : pdf.indexOf("endobj", from);
    return end < 0 || end - (from ?? 0) > dictionaryBytesMax ? undefined : pdf.toString("latin1", from, end);
  };
  const tree = /\/Type\s*\/Catalog\b/.test(object(Number(root)) ?? "")
    ? /\/Pages (\d+) 0 R/.exec(object(Number(root)) ?? "")?.[1]
    : undefined;
  return tree === undefined ? undefined : leaves(object, Number(tree));
}

function leaves(object: Reference, root: number): number | undefined {
  const seen = new Set<number>();
  let pages = 0;
  let counted: number | undefined;
  for (const waiting = [root]; waiting.length > 0; ) {
    const number = waiting.pop() ?? 0;
    const dictionary = object(number);
    if (dictionary === undefined || seen.has(number) || seen.size > pagesMax) return undefined;
    seen.add(number);
    if (/\/Type\s*\/Page\b/.test(dictionary)) {
      if (!/\/Contents (\d+) 0 R/.test(dictionary)) return undefined;
      pages++;
      continue;
    }
    const kids = /\/Kids\s*\[([\s\d R]*)\]/.exec(dictionary)?.[1];
    if (!/\/Type\s*\/Pages\b/.test(dictionary) || kids === undefined) return undefined;
    counted ??= Number(/\/Count (\d+)/.exec(dictionary)?.[1]);
    waiting.push(...[...kids.matchAll(/(\d+) 0 R/g)].map(([, kid]) => Number(kid)));
  }
  return pages > 0 && pages === counted ? pages : undefined;
}
