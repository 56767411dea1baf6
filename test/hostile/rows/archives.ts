// Containers that lie, and containers that swell.
import { deflateRawSync } from "node:zlib";
import { zip } from "#test/fixtures/zip.ts";
import { docxMembers, docxOf, flatOdf, odfMembers, odfOf, paragraph, xlsxMembers } from "../make/office.ts";
import { rawZip } from "../make/raw-zip.ts";
import { type Row, toPdf } from "../row.ts";

const letter = () => Object.entries(docxMembers(paragraph("A letter"))).map(([name, content]) => ({ name, content }));
const zeros = (megabytes: number) => Buffer.alloc(megabytes * 1_000_000, 0x20);
const tooMuch = { refused: ["input-too-complex"] } as const;
const damaged = { refused: ["input-damaged"] } as const;
const entities = (levels: number, of = "lol") =>
  `<!DOCTYPE r [<!ENTITY e0 "${of}">${Array.from({ length: levels }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`).join("")}]>`;

function nested(depth: number): Buffer {
  let bytes = zip({ "zeros.bin": zeros(1) });
  for (let level = 0; level < depth; level++) bytes = zip({ [`level${level}.zip`]: bytes });
  return bytes;
}

const scannerOrBox = "whichever of scanner and inspection meets its limit first";

export const archives: readonly Row[] = [
  {
    title: "a docx whose one picture unpacks a thousandfold to 300 MB",
    filename: "ratio.docx",
    file: () => docxOf(paragraph("x"), { parts: { "word/media/image1.png": zeros(300) } }),
    ...toPdf,
    refused: ["input-too-complex", "scan-incomplete"],
    because: scannerOrBox,
  },
  {
    title: "a docx whose body unpacks a thousandfold to 100 MB",
    filename: "ratio.docx",
    file: () => zip({ ...docxMembers(""), "word/document.xml": Buffer.concat([Buffer.from("<w:document>"), zeros(100)]) }),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "an odt of 100 MB of spaces",
    filename: "ratio.odt",
    file: () => odfOf("text", `<text:p>${zeros(100).toString("latin1")}</text:p>`),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "a docx of 200 members that share the same bytes",
    filename: "overlap.docx",
    file: () =>
      rawZip([
        ...letter(),
        { name: "word/media/a0", content: zeros(5) },
        ...Array.from({ length: 200 }, (_, index) => ({ name: `word/media/a${index + 1}`, content: "", sharesBytesOf: 4 })),
      ]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a docx with two members on the same small bytes",
    filename: "overlap.docx",
    file: () => rawZip([...letter(), { name: "word/media/a", content: "small" }, { name: "word/media/b", content: "", sharesBytesOf: 4 }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a docx with archives in archives, 30 deep",
    filename: "nested.docx",
    file: () => docxOf(paragraph("x"), { parts: { "word/embeddings/a.zip": nested(30) } }),
    ...toPdf,
    refused: ["scan-incomplete", "input-too-complex"],
    because: scannerOrBox,
  },
  {
    title: "a zip in a zip, 30 deep, named .zip",
    filename: "nested.zip",
    file: () => nested(30),
    ...toPdf,
    refused: ["scan-incomplete", "input-too-complex", "input-type-unsupported"],
    because: `${scannerOrBox}; and a zip is no document`,
  },
  {
    title: "a docx with 100,000 parts",
    filename: "parts.docx",
    file: () =>
      rawZip([
        ...letter(),
        ...Array.from({ length: 100_000 }, (_, index) => ({ name: `word/p${index}.xml`, content: "<a/>", stored: true })),
      ]),
    ...toPdf,
    refused: ["input-too-complex", "scan-incomplete", "input-damaged"],
    because: scannerOrBox,
  },
  {
    title: "a billion laughs in the body of a docx",
    filename: "entities.docx",
    file: () => docxOf(paragraph("&e9;"), { prolog: entities(9) }),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "a billion laughs in an odt",
    filename: "entities.odt",
    file: () => zip({ ...odfMembers("text", ""), "content.xml": `<?xml version="1.0"?>${entities(9)}<r>&e9;</r>` }),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "a billion laughs in a flat odt",
    filename: "entities.fodt",
    file: () => flatOdf("text", "<text:p>&e9;</text:p>", "", entities(9)),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "a billion laughs in an svg in an odt",
    filename: "svg.odt",
    file: () =>
      odfOf(
        "text",
        '<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="Pictures/a.svg"/></draw:frame></text:p>',
        {
          parts: { "Pictures/a.svg": `${entities(9)}<svg xmlns="http://www.w3.org/2000/svg"><text>&e9;</text></svg>` },
        },
      ),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "an external entity that names a file in an svg in an odt",
    filename: "svg.odt",
    file: () =>
      odfOf(
        "text",
        '<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="Pictures/a.svg"/></draw:frame></text:p>',
        {
          parts: {
            "Pictures/a.svg": `<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///app/package.json">]><svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><text y="20">&f;</text></svg>`,
          },
        },
      ),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "an external entity that names a file in a docx",
    filename: "xxe.docx",
    file: () => docxOf(paragraph("Before &f;"), { prolog: '<!DOCTYPE w [<!ENTITY f SYSTEM "file:///app/package.json">]>' }),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "an external entity that names a file in a flat odt",
    filename: "xxe.fodt",
    file: () => flatOdf("text", "<text:p>Before &f;</text:p>", "", '<!DOCTYPE o [<!ENTITY f SYSTEM "file:///app/package.json">]>'),
    ...toPdf,
    ...tooMuch,
  },
  {
    title: "a sheet of 10,000 columns",
    filename: "wide.xlsx",
    file: () =>
      zip(
        xlsxMembers(
          `<sheetData><row>${Array.from({ length: 10_000 }, (_, column) => `<c><v>${column}</v></c>`).join("")}</row></sheetData>`,
        ),
      ),
    ...toPdf,
    succeeded: { contains: "9999" },
  },
  {
    title: "a sheet with one cell in the last row and column",
    filename: "corner.xlsx",
    file: () =>
      zip(
        xlsxMembers('<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>'),
      ),
    ...toPdf,
    refused: ["deadline-exceeded", "input-too-complex"],
    because: "millions of empty pages, which end by time or by a limit",
    slow: true,
  },
  {
    title: "two members of the same name in a docx",
    filename: "twice.docx",
    file: () => rawZip([...letter(), { name: "word/document.xml", content: "<other/>" }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member with an absolute name",
    filename: "absolute.docx",
    file: () => rawZip([...letter(), { name: "/etc/passwd", content: "x" }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member that climbs out of its folder",
    filename: "climbs.docx",
    file: () => rawZip([...letter(), { name: "../../../../tmp/x", content: "x" }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member that is a symbolic link",
    filename: "link.docx",
    file: () => rawZip([...letter(), { name: "word/media/a.png", content: "/etc/passwd", mode: 0o120777 }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member whose two headers say different names",
    filename: "names.docx",
    file: () => rawZip([...letter(), { name: "word/media/a.png", localName: "word/media/b.exe", content: "x" }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member that claims to be smaller than it is",
    filename: "claims.docx",
    file: () => rawZip([...letter(), { name: "word/media/a.png", content: zeros(2), claimedBytes: 10 }]),
    ...toPdf,
    ...damaged,
  },
  {
    title: "a member that claims 4 GB",
    filename: "claims.docx",
    file: () => rawZip([...letter(), { name: "word/media/a.png", content: "x", claimedBytes: 0xfffffff0 }]),
    ...toPdf,
    refused: ["input-damaged", "input-too-complex"],
    because: "it is too much, and it is not true",
  },
  {
    title: "a docx without a body",
    filename: "hollow.docx",
    file: () => rawZip(letter().filter(({ name }) => name !== "word/document.xml")),
    ...toPdf,
    refused: ["input-damaged", "conversion-failed"],
    because: "inspection or LibreOffice finds it missing",
  },
  {
    title: "a zip of nothing named .docx",
    filename: "nothing.docx",
    file: () => rawZip([]),
    ...toPdf,
    refused: ["input-damaged", "input-type-mismatch"],
    because: "it is a zip without a type",
  },
  {
    title: "a zip of a text named .docx",
    filename: "other.docx",
    file: () => zip({ "readme.txt": "x" }),
    ...toPdf,
    refused: ["input-type-mismatch"],
  },
  { title: "a plain zip", filename: "plain.zip", file: () => zip({ "readme.txt": "x" }), ...toPdf, refused: ["input-type-unsupported"] },
  {
    title: "a member that is not what its checksum says",
    filename: "checksum.docx",
    file: () => {
      const bytes = rawZip([{ name: "a.txt", content: "0123456789", stored: true }, ...letter()]);
      bytes[36] = (bytes[36] ?? 0) ^ 0xff;
      return bytes;
    },
    ...toPdf,
    refused: ["input-damaged"],
    succeeded: { contains: "A letter" },
    because: "the part is not of the document, so its damage may be found or not matter",
  },
  {
    title: "a deflated body that is garbage",
    filename: "garbage.docx",
    file: () => {
      const bytes = rawZip(letter());
      const packed = deflateRawSync(Buffer.from(docxMembers(paragraph("A letter"))["word/document.xml"] ?? ""));
      bytes.fill(0xff, bytes.indexOf(packed) + 5, bytes.indexOf(packed) + packed.length);
      return bytes;
    },
    ...toPdf,
    refused: ["input-damaged", "conversion-failed"],
    because: "inspection or LibreOffice meets it",
  },
];
