// Office packages as maps of members, so that a row can add the one part that makes them hostile.
import { zip } from "#test/fixtures/zip.ts";

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const schemas = "http://schemas.openxmlformats.org";
const types = "application/vnd.openxmlformats-officedocument";
export const relationships = `${schemas}/officeDocument/2006/relationships`;

export type Members = Record<string, string | Uint8Array>;
export type Relation = { id: string; type: string; target: string; external?: true };
type Extra = { relations?: readonly Relation[]; parts?: Members; mainType?: string; defaults?: Record<string, string> };

const relationsOf = (relations: readonly Relation[]) =>
  `${xml}<Relationships xmlns="${schemas}/package/2006/relationships">${relations
    .map(
      ({ id, type, target, external }) =>
        `<Relationship Id="${id}" Type="${type.includes(":") ? type : `${relationships}/${type}`}" Target="${target}"${external ? ' TargetMode="External"' : ""}/>`,
    )
    .join("")}</Relationships>`;

function opc(
  mainPath: string,
  mainType: string,
  main: string,
  { relations = [], parts = {}, defaults = {} }: Extra,
  overrides: Members = {},
): Members {
  const [folder = "", file = ""] = mainPath.split("/");
  const known: Record<string, string> = {
    rels: "application/vnd.openxmlformats-package.relationships+xml",
    xml: "application/xml",
    ...defaults,
  };
  const named = { [mainPath]: mainType, ...overrides };
  return {
    "[Content_Types].xml": `${xml}<Types xmlns="${schemas}/package/2006/content-types">${Object.entries(known)
      .map(([extension, type]) => `<Default Extension="${extension}" ContentType="${type}"/>`)
      .join("")}${Object.entries(named)
      .map(([path, type]) => `<Override PartName="/${path}" ContentType="${type}"/>`)
      .join("")}</Types>`,
    "_rels/.rels": relationsOf([{ id: "r1", type: "officeDocument", target: mainPath }]),
    [mainPath]: main,
    [`${folder}/_rels/${file}.rels`]: relationsOf(relations),
    ...parts,
  };
}

const w = `xmlns:w="${schemas}/wordprocessingml/2006/main" xmlns:r="${relationships}" xmlns:wp="${schemas}/drawingml/2006/wordprocessingDrawing" xmlns:a="${schemas}/drawingml/2006/main" xmlns:pic="${schemas}/drawingml/2006/picture"`;
export const paragraph = (text: string): string => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

export function docxMembers(body: string, extra: Extra & { prolog?: string } = {}): Members {
  const type = extra.mainType ?? `${types}.wordprocessingml.document.main+xml`;
  return opc("word/document.xml", type, `${xml}${extra.prolog ?? ""}<w:document ${w}><w:body>${body}</w:body></w:document>`, {
    ...extra,
    defaults: { png: "image/png", bin: "application/vnd.openxmlformats-officedocument.oleObject", ...extra.defaults },
  });
}
export const docxOf = (body: string, extra: Parameters<typeof docxMembers>[1] = {}): Buffer => zip(docxMembers(body, extra));

/** A picture by the relation of that id, embedded or linked. */
export const picture = (id: string, how: "embed" | "link"): string =>
  `<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1000000" cy="1000000"/><wp:docPr id="1" name="p"/><a:graphic><a:graphicData uri="${schemas}/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:${how}="${id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1000000" cy="1000000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`;

export function xlsxMembers(sheet: string, extra: Extra & { workbook?: string } = {}): Members {
  const type = extra.mainType ?? `${types}.spreadsheetml.sheet.main+xml`;
  const s = `xmlns="${schemas}/spreadsheetml/2006/main" xmlns:r="${relationships}"`;
  const { relations = [], parts = {}, ...rest } = extra;
  return opc(
    "xl/workbook.xml",
    type,
    `${xml}<workbook ${s}><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>${extra.workbook ?? ""}</workbook>`,
    {
      ...rest,
      relations: [{ id: "r1", type: "worksheet", target: "worksheets/sheet1.xml" }, ...relations],
      parts: { "xl/worksheets/sheet1.xml": `${xml}<worksheet ${s}>${sheet}</worksheet>`, ...parts },
    },
    {
      "xl/worksheets/sheet1.xml": `${types}.spreadsheetml.worksheet+xml`,
      ...(parts["xl/externalLinks/externalLink1.xml"] !== undefined && {
        "xl/externalLinks/externalLink1.xml": `${types}.spreadsheetml.externalLink+xml`,
      }),
    },
  );
}

const odf = "urn:oasis:names:tc:opendocument:xmlns";
export const odfNamespaces = [
  ...["office", "text", "style", "presentation", "table", "script"].map((name) => `xmlns:${name}="${odf}:${name}:1.0"`),
  `xmlns:draw="${odf}:drawing:1.0"`,
  `xmlns:svg="${odf}:svg-compatible:1.0"`,
  `xmlns:fo="${odf}:xsl-fo-compatible:1.0"`,
  'xmlns:xlink="http://www.w3.org/1999/xlink"',
  'xmlns:ooo="http://openoffice.org/2004/office"',
  'xmlns:dom="http://www.w3.org/2001/xml-events"',
].join(" ");

export type Kind = "text" | "spreadsheet" | "presentation" | "graphics";

/** `before` goes between the root and the body: scripts, styles. */
export function odfMembers(kind: Kind, body: string, { before = "", parts = {} }: { before?: string; parts?: Members } = {}): Members {
  const mimetype = `application/vnd.oasis.opendocument.${kind}`;
  const entry = (path: string, type: string) => `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="${type}"/>`;
  const element = kind === "graphics" ? "drawing" : kind;
  return {
    mimetype,
    "content.xml": `${xml}<office:document-content ${odfNamespaces} office:version="1.3">${before}<office:body><office:${element}>${body}</office:${element}></office:body></office:document-content>`,
    ...parts,
    "META-INF/manifest.xml": `${xml}<manifest:manifest xmlns:manifest="${odf}:manifest:1.0" manifest:version="1.3">${entry("/", mimetype)}${entry("content.xml", "text/xml")}${Object.keys(
      parts,
    )
      .map((path) => entry(path, path.endsWith(".svg") ? "image/svg+xml" : path.endsWith(".xml") ? "text/xml" : ""))
      .join("")}</manifest:manifest>`,
  };
}
export const odfOf = (...parts: Parameters<typeof odfMembers>): Buffer => zip(odfMembers(...parts));

export const flatOdf = (kind: Kind, body: string, before = "", prolog = ""): Buffer =>
  Buffer.from(
    `${xml}${prolog}<office:document ${odfNamespaces} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.${kind}">${before}<office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`,
  );
