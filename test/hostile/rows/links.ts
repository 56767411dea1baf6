// Documents that would phone home, or fetch a file of the machine. The suite counts requests, and looks for the planted secret in every result.
import { zip } from "#test/fixtures/zip.ts";
import { docxOf, flatOdf, odfOf, paragraph, picture, xlsxMembers } from "../make/office.ts";
import { type Facts, type Lures, type Row, toPdf } from "../row.ts";

const silent = (contains = "Before"): { succeeded: Facts } => ({ succeeded: { contains, lacks: ["root:x:0", "trustyconvert"] } });
const svg = (inner: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="200">${inner}<text y="20">svg</text></svg>`;
const odtWithSvg = (inner: string) =>
  odfOf(
    "text",
    '<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char"><draw:image xlink:href="Pictures/a.svg" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame></text:p>',
    { parts: { "Pictures/a.svg": svg(inner) } },
  );
const linkedImage = (target: string) =>
  `<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char"><draw:image xlink:href="${target}" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame></text:p>`;
const linkedSection = (target: string) =>
  `<text:p>Before</text:p><text:section text:name="s"><text:section-source xlink:href="${target}" xlink:type="simple" xlink:show="embed" text:filter-name="Text"/><text:p>old</text:p></text:section>`;
const html = (inner: string) =>
  Buffer.from(`<!DOCTYPE html><html><head>${inner.includes("<link") ? inner : ""}</head><body><p>Before</p>${inner}</body></html>`);
const field = (instruction: string) =>
  `${paragraph("Before")}<w:p><w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText>${instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`;
const formula = (text: string) => `<sheetData><row><c t="inlineStr"><is><t>Before</t></is></c><c><f>${text}</f></c></row></sheetData>`;

type Way = { title: string; filename: string; make(target: string): Uint8Array };

/** Each is tried with the listener's two addresses and with the planted file. */
const ways: readonly Way[] = [
  {
    title: "a linked picture of a docx",
    filename: "a.docx",
    make: (target) =>
      docxOf(paragraph("Before") + picture("r1", "link"), { relations: [{ id: "r1", type: "image", target, external: true }] }),
  },
  {
    title: "a template of a docx",
    filename: "a.docx",
    make: (target) => docxOf(paragraph("Before"), { relations: [{ id: "r1", type: "attachedTemplate", target, external: true }] }),
  },
  { title: "an INCLUDEPICTURE field of a docx", filename: "a.docx", make: (target) => docxOf(field(` INCLUDEPICTURE "${target}" \\d `)) },
  { title: "an INCLUDETEXT field of a docx", filename: "a.docx", make: (target) => docxOf(field(` INCLUDETEXT "${target}" `)) },
  {
    title: "a linked object of a docx",
    filename: "a.docx",
    make: (target) =>
      docxOf(
        `${paragraph("Before")}<w:p><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Link" ProgID="Word.Document" ShapeID="s" DrawAspect="Content" ObjectID="_1" r:id="r1" UpdateMode="Always"/></w:object></w:r></w:p>`,
        { relations: [{ id: "r1", type: "oleObject", target, external: true }] },
      ),
  },
  {
    title: "a sub-document of a docx",
    filename: "a.docx",
    make: (target) =>
      docxOf(`${paragraph("Before")}<w:subDoc r:id="r1"/>`, { relations: [{ id: "r1", type: "subDocument", target, external: true }] }),
  },
  {
    title: "an alternative chunk of a docx",
    filename: "a.docx",
    make: (target) =>
      docxOf(`${paragraph("Before")}<w:altChunk r:id="r1"/>`, { relations: [{ id: "r1", type: "aFChunk", target, external: true }] }),
  },
  { title: "a linked picture of an odt", filename: "a.odt", make: (target) => odfOf("text", linkedImage(target)) },
  { title: "a linked section of an odt", filename: "a.odt", make: (target) => odfOf("text", linkedSection(target)) },
  { title: "a linked picture of a flat odt", filename: "a.fodt", make: (target) => flatOdf("text", linkedImage(target)) },
  {
    title: "an embedded object of an odt that is a link",
    filename: "a.odt",
    make: (target) =>
      odfOf(
        "text",
        `<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char"><draw:object xlink:href="${target}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p>`,
      ),
  },
  {
    title: "a floating frame of an odt",
    filename: "a.odt",
    make: (target) =>
      odfOf(
        "text",
        `<text:p>Before <draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char"><draw:floating-frame xlink:href="${target}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p>`,
      ),
  },
  {
    title: "an image in an svg in an odt",
    filename: "a.odt",
    make: (target) => odtWithSvg(`<image xlink:href="${target}" width="100" height="100"/>`),
  },
  { title: "a use in an svg in an odt", filename: "a.odt", make: (target) => odtWithSvg(`<use xlink:href="${target}#a"/>`) },
  {
    title: "a stylesheet in an svg in an odt",
    filename: "a.odt",
    make: (target) => odtWithSvg(`<style>@import url("${target}");</style>`),
  },
  { title: "a picture of an HTML page", filename: "a.html", make: (target) => html(`<img src="${target}">`) },
  { title: "a stylesheet of an HTML page", filename: "a.html", make: (target) => html(`<link rel="stylesheet" href="${target}">`) },
  { title: "an iframe of an HTML page", filename: "a.html", make: (target) => html(`<iframe src="${target}"></iframe>`) },
  {
    title: "an object of an HTML page",
    filename: "a.html",
    make: (target) => html(`<object data="${target}"></object><embed src="${target}">`),
  },
  {
    title: "a background of an HTML page",
    filename: "a.html",
    make: (target) => html(`<table background="${target}"><tr><td style="background:url(${target})">x</td></tr></table>`),
  },
  {
    title: "an INCLUDEPICTURE field of an rtf",
    filename: "a.rtf",
    make: (target) => Buffer.from(`{\\rtf1\\ansi Before\\par{\\field{\\*\\fldinst INCLUDEPICTURE "${target}" \\\\d}{\\fldrslt x}}\\par}`),
  },
  {
    title: "an INCLUDETEXT field of an rtf",
    filename: "a.rtf",
    make: (target) => Buffer.from(`{\\rtf1\\ansi Before\\par{\\field\\flddirty{\\*\\fldinst INCLUDETEXT "${target}"}{\\fldrslt x}}\\par}`),
  },
  { title: "a template of an rtf", filename: "a.rtf", make: (target) => Buffer.from(`{\\rtf1\\ansi{\\*\\template ${target}}Before\\par}`) },
  {
    title: "an external link of an xlsx",
    filename: "a.xlsx",
    make: (target) =>
      zip(
        xlsxMembers(formula("[1]Sheet1!A1"), {
          workbook: '<externalReferences><externalReference r:id="r2"/></externalReferences>',
          relations: [{ id: "r2", type: "externalLink", target: "externalLinks/externalLink1.xml" }],
          parts: {
            "xl/externalLinks/externalLink1.xml":
              '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><externalBook r:id="r1"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook></externalLink>',
            "xl/externalLinks/_rels/externalLink1.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="${target}" TargetMode="External"/></Relationships>`,
          },
        }),
      ),
  },
  {
    title: "a WEBSERVICE formula of an xlsx",
    filename: "a.xlsx",
    make: (target) => zip(xlsxMembers(formula(`_xlfn.WEBSERVICE(&quot;${target}&quot;)`))),
  },
  {
    title: "a WEBSERVICE formula of an ods",
    filename: "a.ods",
    make: (target) =>
      odfOf(
        "spreadsheet",
        `<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell><table:table-cell table:formula="of:=WEBSERVICE(&quot;${target}&quot;)"/></table:table-row></table:table>`,
      ),
  },
  {
    title: "a linked sheet of an ods",
    filename: "a.ods",
    make: (target) =>
      odfOf(
        "spreadsheet",
        `<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell></table:table-row></table:table><table:table table:name="L"><table:table-source xlink:href="${target}" table:filter-name="Text - txt - csv (StarCalc)" table:refresh-delay="PT1S"/><table:table-row><table:table-cell/></table:table-row></table:table>`,
      ),
  },
  {
    title: "an IMAGE hyperlink formula of an ods",
    filename: "a.ods",
    make: (target) =>
      odfOf(
        "spreadsheet",
        `<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell><table:table-cell table:formula="of:=HYPERLINK(&quot;${target}&quot;)"/></table:table-row></table:table>`,
      ),
  },
  {
    title: "linked media of an odp",
    filename: "a.odp",
    make: (target) =>
      odfOf(
        "presentation",
        `<draw:page draw:name="p"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="4cm"><draw:text-box><text:p>Before</text:p></draw:text-box></draw:frame><draw:frame svg:width="5cm" svg:height="5cm"><draw:plugin xlink:href="${target}" xlink:type="simple" xlink:actuate="onLoad" draw:mime-type="application/vnd.sun.star.media"/></draw:frame></draw:page>`,
      ),
  },
  {
    title: "a linked picture of an odg",
    filename: "a.odg",
    make: (target) =>
      odfOf(
        "graphics",
        `<draw:page draw:name="p"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="4cm"><draw:text-box><text:p>Before</text:p></draw:text-box></draw:frame><draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="${target}" xlink:type="simple"/></draw:frame></draw:page>`,
      ),
  },
];

const toListener = ({ title, filename, make }: Way, index: number): Row => ({
  title: `${title} that is on a server`,
  filename,
  // every second way names the host by its own address
  file: ({ urls }: Lures) => make(urls[index % urls.length] ?? ""),
  ...toPdf,
  ...silent(),
});
const toFile = ({ title, filename, make }: Way): Row => ({
  title: `${title} that is a file of the machine`,
  filename,
  file: ({ secretPath }: Lures) => make(`file://${secretPath}`),
  ...toPdf,
  ...silent(),
});

const pairs = (titles: readonly string[]) => ways.filter(({ title }) => titles.includes(title));

export const links: readonly Row[] = [
  ...ways.map(toListener),
  ...pairs([
    "an INCLUDETEXT field of a docx",
    "a linked section of an odt",
    "an image in an svg in an odt",
    "an iframe of an HTML page",
    "an INCLUDETEXT field of an rtf",
    "an external link of an xlsx",
    "a WEBSERVICE formula of an ods",
    "a linked sheet of an ods",
    "a floating frame of an odt",
  ]).map(toFile),
  {
    title: "an image in an svg in an odt that is /etc/passwd",
    filename: "a.odt",
    file: () => odtWithSvg('<image xlink:href="file:///etc/passwd" width="100" height="100"/>'),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a linked section of an odt that is a file of the box",
    filename: "a.odt",
    file: () => odfOf("text", linkedSection("file:///app/package.json")),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a linked sheet of an ods that is a file of the box",
    filename: "a.ods",
    file: () =>
      odfOf(
        "spreadsheet",
        '<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell></table:table-row></table:table><table:table table:name="L"><table:table-source xlink:href="file:///app/package.json" table:filter-name="Text - txt - csv (StarCalc)"/><table:table-row><table:table-cell/></table:table-row></table:table>',
      ),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a linked section of an odt that is the box's environment",
    filename: "a.odt",
    file: () => odfOf("text", linkedSection("file:///proc/self/environ")),
    ...toPdf,
    succeeded: { contains: "Before", lacks: ["BOX_LISTEN", "HOME="] },
  },
  {
    title: "a linked picture of a docx on a UNC path",
    filename: "a.docx",
    file: () =>
      docxOf(paragraph("Before") + picture("r1", "link"), {
        relations: [{ id: "r1", type: "image", target: "file:///\\\\127.0.0.1\\share\\a.png", external: true }],
      }),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a linked section of an odt on a UNC path",
    filename: "a.odt",
    file: () => odfOf("text", linkedSection("file://127.0.0.1/share/a.txt")),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a DDE formula of an xlsx",
    filename: "a.xlsx",
    file: () => zip(xlsxMembers(formula("cmd|&apos;/c touch /tmp/hostile-dde&apos;!A0"))),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a DDE formula of an ods",
    filename: "a.ods",
    file: () =>
      odfOf(
        "spreadsheet",
        '<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell><table:table-cell table:formula="of:=DDE(&quot;soffice&quot;;&quot;/app/package.json&quot;;&quot;A1&quot;)"/></table:table-row></table:table>',
      ),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a DDE field of a docx",
    filename: "a.docx",
    file: () => docxOf(field(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc.exe" ')),
    ...toPdf,
    ...silent(),
  },
  {
    title: "a DDE formula of a csv",
    filename: "a.csv",
    file: () => Buffer.from('Before,=DDE("soffice";"/app/package.json";"A1")\n=cmd|\'/c calc\'!A0,1\n'),
    ...toPdf,
    ...silent(),
  },
];
