import { z } from "zod";
import { defineOperation, type FilterData } from "../operation.ts";
import { pageRanges } from "../page-ranges.ts";
import { password } from "../password.ts";

const ooxml = "application/vnd.openxmlformats-officedocument";
const odf = "application/vnd.oasis.opendocument";

/** LibreOffice's import filters by media type, tried in order where one type has had several formats. */
const importFilters: Record<string, readonly [application: keyof typeof exportFilters, ...filters: string[]]> = {
  [`${ooxml}.wordprocessingml.document`]: ["writer", "MS Word 2007 XML"],
  [`${ooxml}.wordprocessingml.template`]: ["writer", "MS Word 2007 XML Template"],
  "application/vnd.ms-word.document.macroenabled.12": ["writer", "MS Word 2007 XML VBA"],
  "application/vnd.ms-word.template.macroenabled.12": ["writer", "MS Word 2007 XML Template"],
  "application/msword": ["writer", "MS Word 97", "MS Word 95", "MS WinWord 6.0"],
  "application/rtf": ["writer", "Rich Text Format"],
  [`${odf}.text`]: ["writer", "writer8"],
  [`${odf}.text-template`]: ["writer", "writer8_template"],
  [`${odf}.text-master`]: ["writer", "writerglobal8"],
  [`${odf}.text-flat-xml`]: ["writer", "OpenDocument Text Flat XML"],
  "text/plain": ["writer", "Text (encoded)"],
  "text/html": ["writer", "HTML (StarWriter)"],

  [`${ooxml}.spreadsheetml.sheet`]: ["calc", "Calc MS Excel 2007 XML"],
  [`${ooxml}.spreadsheetml.template`]: ["calc", "Calc MS Excel 2007 XML Template"],
  "application/vnd.ms-excel.sheet.macroenabled.12": ["calc", "Calc MS Excel 2007 VBA XML"],
  "application/vnd.ms-excel.template.macroenabled.12": ["calc", "Calc MS Excel 2007 XML Template"],
  "application/vnd.ms-excel.sheet.binary.macroenabled.12": ["calc", "Calc MS Excel 2007 Binary"],
  "application/vnd.ms-excel": ["calc", "MS Excel 97", "MS Excel 95", "MS Excel 5.0/95"],
  [`${odf}.spreadsheet`]: ["calc", "calc8"],
  [`${odf}.spreadsheet-template`]: ["calc", "calc8_template"],
  [`${odf}.spreadsheet-flat-xml`]: ["calc", "OpenDocument Spreadsheet Flat XML"],
  "text/csv": ["calc", "Text - txt - csv (StarCalc)"],
  "text/tab-separated-values": ["calc", "Text - txt - csv (StarCalc)"],

  [`${ooxml}.presentationml.presentation`]: ["impress", "Impress MS PowerPoint 2007 XML"],
  [`${ooxml}.presentationml.slideshow`]: ["impress", "Impress MS PowerPoint 2007 XML AutoPlay"],
  [`${ooxml}.presentationml.template`]: ["impress", "Impress MS PowerPoint 2007 XML Template"],
  "application/vnd.ms-powerpoint.presentation.macroenabled.12": ["impress", "Impress MS PowerPoint 2007 XML VBA"],
  "application/vnd.ms-powerpoint.slideshow.macroenabled.12": ["impress", "Impress MS PowerPoint 2007 XML AutoPlay"],
  "application/vnd.ms-powerpoint": ["impress", "MS PowerPoint 97"],
  [`${odf}.presentation`]: ["impress", "impress8"],
  [`${odf}.presentation-template`]: ["impress", "impress8_template"],
  [`${odf}.presentation-flat-xml`]: ["impress", "OpenDocument Presentation Flat XML"],

  [`${odf}.graphics`]: ["draw", "draw8"],
  [`${odf}.graphics-template`]: ["draw", "draw8_template"],
  [`${odf}.graphics-flat-xml`]: ["draw", "OpenDocument Drawing Flat XML"],
  "application/vnd.ms-visio.drawing": ["draw", "Visio Document"],
  "application/vnd.ms-visio.drawing.macroenabled.12": ["draw", "Visio Document"],
  "application/vnd.visio": ["draw", "Visio Document"],
  "application/x-mspublisher": ["draw", "Publisher Document"],
};

const exportFilters = { writer: "writer_pdf_Export", calc: "calc_pdf_Export", impress: "impress_pdf_Export", draw: "draw_pdf_Export" };

/** `SelectPdfVersion` of LibreOffice's PDF export. */
const pdfaLevels = { "1b": 1, "2b": 2, "3b": 3 } as const;

/** Character sets as LibreOffice's text filters name them, by name and by number. */
const charsets = {
  "utf-8": { name: "UTF8", number: 76 },
  "utf-16le": { name: "UNICODE", number: 65535 },
  "utf-16be": { name: "UNICODE", number: 65535 },
  "windows-1252": { name: "MS_1252", number: 1 },
};

/** The separator that the first line with any has most of; a comma when there is none. */
function separatorOf(type: string, head: string): string {
  if (type === "text/tab-separated-values") return "\t";
  const line = head.split(/\r?\n/).find((text) => /[,;\t|]/.test(text)) ?? "";
  const unquoted = line.replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t", "|"].map((mark) => ({ mark, count: unquoted.split(mark).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

function importOptions(type: string, text: { charset: keyof typeof charsets; head: string } | undefined): { importOptions?: string } {
  if (!text) return {};
  const charset = charsets[text.charset];
  if (type === "text/plain") return { importOptions: charset.name };
  if (type === "text/html") return {};
  // separator, text delimiter, character set, first line, column formats, language, quoted fields as text, detect special numbers
  return { importOptions: `${separatorOf(type, text.head).charCodeAt(0)},34,${charset.number},1,,0,false,true,false` };
}

export const officeToPdf = defineOperation({
  id: "office.to-pdf",
  summary: "Convert a text document, spreadsheet, presentation or drawing to PDF",
  accepts: Object.keys(importFilters),
  produces: ["application/pdf"],
  lane: "office",
  options: z.strictObject({
    pages: pageRanges().optional(),
    quality: z.int().min(1).max(100).default(90).meta({ description: "JPEG quality of images." }),
    image_resolution: z
      .literal([75, 150, 300, 600, 1200])
      .optional()
      .meta({ description: "Images of a higher resolution are reduced to this one, in dots per inch." }),
    pdfa: z.enum(["1b", "2b", "3b"]).optional().meta({ description: "PDF/A conformance level (ISO 19005)." }),
    pdfua: z.boolean().default(false).meta({ description: "Tagged for accessibility, as PDF/UA-1 (ISO 14289-1) asks." }),
    update_indexes: z.boolean().default(true).meta({ description: "Refresh tables of contents and other indexes first." }),
    password: password(),
  }),
  examples: [
    {
      title: "a Word document",
      fixture: "letter.docx",
      options: {},
      expect: { results: 1, mime: "application/pdf", pages: 1, contains: "Dear reader" },
    },
    {
      title: "a spreadsheet",
      fixture: "table.xlsx",
      options: {},
      expect: { results: 1, mime: "application/pdf", pages: 1, contains: "Total" },
    },
    {
      title: "one slide of a presentation",
      fixture: "slides.odp",
      options: { pages: "2" },
      expect: { results: 1, mime: "application/pdf", pages: 1, contains: "Slide 2" },
    },
    {
      title: "semicolons and umlauts",
      fixture: "cities.csv",
      options: {},
      expect: { results: 1, mime: "application/pdf", pages: 1, contains: "Köln" },
    },
    {
      title: "PDF/A-2b",
      fixture: "letter.docx",
      options: { pdfa: "2b" },
      expect: { results: 1, mime: "application/pdf", pages: 1, contains: "Dear reader" },
    },
  ],
  async run(ctx, options) {
    const entry = importFilters[ctx.input.type];
    if (!entry) return ctx.fail("input-type-unsupported");
    const [application, ...filters] = entry;
    const exportData: FilterData = {
      Quality: options.quality,
      ReduceImageResolution: options.image_resolution !== undefined,
      ...(options.image_resolution !== undefined && { MaxImageResolution: options.image_resolution }),
      ...(options.pdfa && { SelectPdfVersion: pdfaLevels[options.pdfa] }),
      ...(options.pdfua && { PDFUACompliance: true, UseTaggedPDF: true }),
    };
    const output = ctx.result(`${ctx.stem}.pdf`, "application/pdf");
    const { pages } = await ctx.office({
      importFilters: filters,
      ...importOptions(ctx.input.type, ctx.input.text),
      exportFilter: exportFilters[application],
      exportData,
      output,
      updateIndexes: options.update_indexes,
      ...(options.pages !== undefined && { pages: options.pages }),
    });
    ctx.claim(output, { pages, ...(options.pdfa && { pdfa: options.pdfa }), ...(options.pdfua && { pdfua: true }) });
  },
});
