// PDFs of a few kilobytes that are work for hours, or fill a memory.
import { deflateSync } from "node:zlib";
import { catalog, helvetica, type PdfObject, page, pagesOf, rawPdf } from "./raw-pdf.ts";

/** Each form draws the next ten times: 10^depth in the end (2 KB of file). */
export function forms(depth: number): Buffer {
  const form = (level: number): PdfObject => ({
    dictionary: `/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << ${level < depth ? `/XObject << /X ${6 + level} 0 R >>` : "/Font << /F1 4 0 R >>"} >>`,
    stream: (level < depth ? "/X Do " : "BT /F1 9 Tf (x) Tj ET ").repeat(10),
  });
  return rawPdf([
    catalog,
    pagesOf("3 0 R", 1),
    page("/Resources << /XObject << /X 6 0 R >> >> /Contents 5 0 R"),
    helvetica,
    { dictionary: "", stream: "/X Do" },
    ...Array.from({ length: depth }, (_, index) => form(index + 1)),
  ]);
}

/** The catalog lies in an object stream that unpacks to so many bytes. */
export function objectStream(megabytes: number): Buffer {
  const first = "10 0 ";
  const body = Buffer.concat([
    Buffer.from(first),
    Buffer.from("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
    Buffer.alloc(megabytes * 1_000_000, 0x20),
  ]);
  const packed = deflateSync(body, { level: 9 });
  let text = Buffer.from("%PDF-1.5\n");
  const offsets: number[] = [];
  const add = (number: number, content: Buffer) => {
    offsets[number] = text.length;
    text = Buffer.concat([text, Buffer.from(`${number} 0 obj\n`), content, Buffer.from("\nendobj\n")]);
  };
  const stream = (dictionary: string, bytes: Buffer) =>
    Buffer.concat([Buffer.from(`<< ${dictionary} /Length ${bytes.length} >>\nstream\n`), bytes, Buffer.from("\nendstream")]);
  add(1, Buffer.from("<< /Type /Catalog /Pages 10 0 R >>"));
  add(3, Buffer.from("<< /Type /Page /Parent 10 0 R /MediaBox [0 0 595 842] >>"));
  add(4, stream(`/Type /ObjStm /N 1 /First ${first.length} /Filter /FlateDecode`, packed));
  const at = text.length;
  const row = (type: number, value: number, index: number) => {
    const bytes = Buffer.alloc(6);
    bytes[0] = type;
    bytes.writeUInt32BE(value, 1);
    bytes[5] = index;
    return bytes;
  };
  const rows = Array.from({ length: 11 }, (_, number) =>
    number === 10 ? row(2, 4, 0) : offsets[number] !== undefined ? row(1, offsets[number], 0) : number === 5 ? row(1, at, 0) : row(0, 0, 0),
  );
  add(5, stream("/Type /XRef /Size 11 /W [1 4 1] /Root 1 0 R", Buffer.concat(rows)));
  return Buffer.concat([text, Buffer.from(`startxref\n${at}\n%%EOF\n`)]);
}
