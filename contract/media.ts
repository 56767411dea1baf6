// Media types: their names, extensions and how their bytes look. What can be done with them is each operation's decision.

/**
 * How the box tells a type by content.
 * - `magic`: bytes (hex) at an offset, one of several.
 * - `opc`: Office Open XML; the content type of the main part in `[Content_Types].xml` (ECMA-376 part 2).
 * - `odf`: the content of the zip member `mimetype` (OpenDocument 1.3 part 2, §3.3).
 * - `cfb`: OLE2 compound file with one of these streams in its root (MS-CFB).
 * - `xml`: text whose root element has this local name and, when given, this `office:mimetype`.
 * - `text`: no signature of its own; any text that is nothing else.
 */
export type Signature =
  | { kind: "magic"; at: number; hex: readonly string[] }
  | { kind: "opc"; main: readonly string[] }
  | { kind: "odf"; mimetype: string }
  | { kind: "cfb"; streams: readonly string[] }
  | { kind: "xml"; root: string; mimetype?: string }
  | { kind: "text" };

/** Types of one family are read by the same application, so a wrong name within it is a warning and not a refusal. */
export type Family = "writer" | "calc" | "impress" | "draw" | "pdf" | "image";

export type MediaType = {
  mime: string;
  name: string;
  /** Lower case, without the dot; the first is the usual one. */
  extensions: readonly string[];
  family: Family;
  signature: Signature;
};

const ooxml = "application/vnd.openxmlformats-officedocument";
const odf = "application/vnd.oasis.opendocument";

function opc(mime: string, name: string, extensions: string[], family: Family, main: string[]): MediaType {
  return { mime, name, extensions, family, signature: { kind: "opc", main } };
}
function opendocument(suffix: string, name: string, extensions: string[], family: Family): MediaType {
  return { mime: `${odf}.${suffix}`, name, extensions, family, signature: { kind: "odf", mimetype: `${odf}.${suffix}` } };
}
function flat(suffix: string, name: string, extension: string, family: Family): MediaType {
  return {
    mime: `${odf}.${suffix}-flat-xml`,
    name,
    extensions: [extension],
    family,
    signature: { kind: "xml", root: "document", mimetype: `${odf}.${suffix}` },
  };
}
function cfb(mime: string, name: string, extensions: string[], family: Family, streams: string[]): MediaType {
  return { mime, name, extensions, family, signature: { kind: "cfb", streams } };
}
function magic(mime: string, name: string, extensions: string[], family: Family, hex: string[], at = 0): MediaType {
  return { mime, name, extensions, family, signature: { kind: "magic", at, hex } };
}
function text(mime: string, name: string, extensions: string[], family: Family): MediaType {
  return { mime, name, extensions, family, signature: { kind: "text" } };
}

export const mediaTypes: readonly MediaType[] = [
  opc(`${ooxml}.wordprocessingml.document`, "Word document", ["docx"], "writer", [`${ooxml}.wordprocessingml.document.main+xml`]),
  opc(`${ooxml}.wordprocessingml.template`, "Word template", ["dotx"], "writer", [`${ooxml}.wordprocessingml.template.main+xml`]),
  opc("application/vnd.ms-word.document.macroenabled.12", "Word document with macros", ["docm"], "writer", [
    "application/vnd.ms-word.document.macroEnabled.main+xml",
  ]),
  opc("application/vnd.ms-word.template.macroenabled.12", "Word template with macros", ["dotm"], "writer", [
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
  ]),
  opc(`${ooxml}.spreadsheetml.sheet`, "Excel workbook", ["xlsx"], "calc", [`${ooxml}.spreadsheetml.sheet.main+xml`]),
  opc(`${ooxml}.spreadsheetml.template`, "Excel template", ["xltx"], "calc", [`${ooxml}.spreadsheetml.template.main+xml`]),
  opc("application/vnd.ms-excel.sheet.macroenabled.12", "Excel workbook with macros", ["xlsm"], "calc", [
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
  ]),
  opc("application/vnd.ms-excel.template.macroenabled.12", "Excel template with macros", ["xltm"], "calc", [
    "application/vnd.ms-excel.template.macroEnabled.main+xml",
  ]),
  opc("application/vnd.ms-excel.sheet.binary.macroenabled.12", "Excel binary workbook", ["xlsb"], "calc", [
    "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
  ]),
  opc(`${ooxml}.presentationml.presentation`, "PowerPoint presentation", ["pptx"], "impress", [
    `${ooxml}.presentationml.presentation.main+xml`,
  ]),
  opc(`${ooxml}.presentationml.slideshow`, "PowerPoint show", ["ppsx"], "impress", [`${ooxml}.presentationml.slideshow.main+xml`]),
  opc(`${ooxml}.presentationml.template`, "PowerPoint template", ["potx"], "impress", [`${ooxml}.presentationml.template.main+xml`]),
  opc("application/vnd.ms-powerpoint.presentation.macroenabled.12", "PowerPoint presentation with macros", ["pptm"], "impress", [
    "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
  ]),
  opc("application/vnd.ms-powerpoint.slideshow.macroenabled.12", "PowerPoint show with macros", ["ppsm"], "impress", [
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
  ]),
  opc("application/vnd.ms-visio.drawing", "Visio drawing", ["vsdx"], "draw", ["application/vnd.ms-visio.drawing.main+xml"]),
  opc("application/vnd.ms-visio.drawing.macroenabled.12", "Visio drawing with macros", ["vsdm"], "draw", [
    "application/vnd.ms-visio.drawing.macroEnabled.main+xml",
  ]),

  opendocument("text", "OpenDocument text", ["odt"], "writer"),
  opendocument("text-template", "OpenDocument text template", ["ott"], "writer"),
  opendocument("text-master", "OpenDocument master document", ["odm"], "writer"),
  opendocument("spreadsheet", "OpenDocument spreadsheet", ["ods"], "calc"),
  opendocument("spreadsheet-template", "OpenDocument spreadsheet template", ["ots"], "calc"),
  opendocument("presentation", "OpenDocument presentation", ["odp"], "impress"),
  opendocument("presentation-template", "OpenDocument presentation template", ["otp"], "impress"),
  opendocument("graphics", "OpenDocument drawing", ["odg"], "draw"),
  opendocument("graphics-template", "OpenDocument drawing template", ["otg"], "draw"),
  flat("text", "Flat OpenDocument text", "fodt", "writer"),
  flat("spreadsheet", "Flat OpenDocument spreadsheet", "fods", "calc"),
  flat("presentation", "Flat OpenDocument presentation", "fodp", "impress"),
  flat("graphics", "Flat OpenDocument drawing", "fodg", "draw"),

  cfb("application/msword", "Word 97–2003 document", ["doc", "dot"], "writer", ["WordDocument"]),
  cfb("application/vnd.ms-excel", "Excel 97–2003 workbook", ["xls", "xlt"], "calc", ["Workbook", "Book"]),
  cfb("application/vnd.ms-powerpoint", "PowerPoint 97–2003 presentation", ["ppt", "pps", "pot"], "impress", ["PowerPoint Document"]),
  cfb("application/vnd.visio", "Visio 2003 drawing", ["vsd"], "draw", ["VisioDocument"]),
  cfb("application/x-mspublisher", "Publisher document", ["pub"], "draw", ["Quill"]),

  magic("application/rtf", "Rich Text Format", ["rtf"], "writer", ["7b5c7274"]),
  text("text/plain", "Plain text", ["txt", "text", "log"], "writer"),
  {
    mime: "text/html",
    name: "HTML page",
    extensions: ["html", "htm", "xhtml"],
    family: "writer",
    signature: { kind: "xml", root: "html" },
  },
  text("text/csv", "Comma-separated values", ["csv"], "calc"),
  text("text/tab-separated-values", "Tab-separated values", ["tsv", "tab"], "calc"),

  magic("application/pdf", "PDF", ["pdf"], "pdf", ["255044462d"]),

  magic("image/png", "PNG image", ["png"], "image", ["89504e470d0a1a0a"]),
  magic("image/jpeg", "JPEG image", ["jpg", "jpeg"], "image", ["ffd8ff"]),
  magic("image/webp", "WebP image", ["webp"], "image", ["57454250"], 8),
  magic("image/tiff", "TIFF image", ["tiff", "tif"], "image", ["49492a00", "4d4d002a"]),
];

const aliases: Record<string, string> = {
  "text/rtf": "application/rtf",
  "application/x-rtf": "application/rtf",
  "application/csv": "text/csv",
  "application/xhtml+xml": "text/html",
  "application/x-pdf": "application/pdf",
  "application/vnd.ms-visio.drawing.main+xml": "application/vnd.ms-visio.drawing",
  "image/jpg": "image/jpeg",
};

const byMime = new Map(mediaTypes.map((type) => [type.mime, type]));
const byExtension = new Map(mediaTypes.flatMap((type) => type.extensions.map((extension) => [extension, type])));

/** The media type of a `Content-Type` value; parameters and case are ignored. */
export function mediaTypeOf(contentType: string): MediaType | undefined {
  const mime = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return byMime.get(aliases[mime] ?? mime);
}

/** Its name as one of its kind: "a PDF", "an Excel workbook", "an HTML page". */
export const oneOf = ({ name }: Pick<MediaType, "name">): string => `${/^([AEIO]|[FHLMNRSX][A-Z])/.test(name) ? "an" : "a"} ${name}`;

export function mediaTypeByName(filename: string): MediaType | undefined {
  const dot = filename.lastIndexOf(".");
  return dot < 0 ? undefined : byExtension.get(filename.slice(dot + 1).toLowerCase());
}

/**
 * What the client says a file is: its name decides, because browsers and curl guess content types badly; then the content type.
 * Undefined when neither says anything, and then only the content decides.
 */
export function declaredType(filename: string, contentType: string): MediaType | undefined {
  return mediaTypeByName(filename) ?? mediaTypeOf(contentType);
}
