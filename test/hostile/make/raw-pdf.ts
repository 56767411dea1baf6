// PDFs from objects as they are given: the writer adds numbers, offsets and the trailer, and judges nothing.

/** An object: its dictionary, or a dictionary with a stream. */
export type PdfObject = string | { dictionary: string; stream: Uint8Array | string };

/** Object 1 is the catalog. */
export function rawPdf(objects: readonly PdfObject[], { trailer = "", startxref }: { trailer?: string; startxref?: number } = {}): Buffer {
  const pieces: Buffer[] = [Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  let length = pieces[0]?.length ?? 0;
  const add = (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
  };
  const offsets = objects.map((object, index) => {
    const offset = length;
    add(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), bodyOf(object), Buffer.from("\nendobj\n")]));
    return offset;
  });
  const table = offsets.map((offset) => `${`${offset}`.padStart(10, "0")} 00000 n \n`).join("");
  const xref = length;
  add(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${startxref ?? xref}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(pieces);
}

function bodyOf(object: PdfObject): Buffer {
  if (typeof object === "string") return Buffer.from(object, "latin1");
  const bytes = Buffer.from(object.stream as Uint8Array);
  const head = `<< ${object.dictionary} /Length ${bytes.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), bytes, Buffer.from("\nendstream")]);
}

export const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
export const pagesOf = (kids: string, count: number): string => `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`;
export const page = (more = "", box = "0 0 595 842"): string => `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] ${more} >>`;
export const helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
/** One page that says a text: objects 1 to 5. */
export const saying = (text: string, more = ""): PdfObject[] => [
  catalog.replace(">>", `${more} >>`),
  pagesOf("3 0 R", 1),
  page("/Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R"),
  helvetica,
  { dictionary: "", stream: `BT /F1 24 Tf 72 720 Td (${text}) Tj ET` },
];
