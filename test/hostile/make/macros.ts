// Documents whose macro, when opened, writes a file and puts a word into the document.
import { readFile } from "node:fs/promises";
import { openCfb } from "#origin/engine/inspect/cfb.ts";
import { memorySource } from "#origin/engine/inspect/container/byte-source.ts";
import { fixture } from "#test/fixtures/make.ts";
import { zip } from "#test/fixtures/zip.ts";
import { cfb, type Storage } from "./cfb.ts";
import { docxOf, flatOdf, odfMembers, paragraph, xlsxMembers } from "./office.ts";
import { vbaProject, vbaStorage } from "./vba.ts";

export const macroFile = "/tmp/hostile-macro-ran";
export const macroWord = "MACRORAN";

const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
const writeFile = (path: string) => `f = FreeFile\nOpen "${path}" For Output As #f\nPrint #f, "ran"\nClose #f`;
const basic = (change: string, path: string) => `Sub Main\n${writeFile(path)}\n${change}\nEnd Sub\n`;
const inText = `ThisComponent.Text.String = "${macroWord}"`;
const inSheet = `ThisComponent.Sheets.getByIndex(0).getCellByPosition(0,0).String = "${macroWord}"`;
const onEvents = (names: readonly string[]) =>
  `<office:event-listeners>${names
    .map(
      (name) =>
        `<script:event-listener script:language="ooo:script" script:event-name="${name}" xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document" xlink:type="simple"/>`,
    )
    .join("")}</office:event-listeners>`;
const onOpen = onEvents(["dom:load", "office:load-finished", "office:view-created"]);
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function basicParts(source: string): Record<string, string> {
  const library = 'xmlns:library="http://openoffice.org/2000/library"';
  return {
    "Basic/script-lc.xml": `${xml}<library:libraries ${library} xmlns:xlink="http://www.w3.org/1999/xlink"><library:library library:name="Standard" library:link="false"/></library:libraries>`,
    "Basic/Standard/script-lb.xml": `${xml}<library:library ${library} library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/></library:library>`,
    "Basic/Standard/Module1.xml": `${xml}<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">${escaped(source)}</script:module>`,
  };
}

export const macroOdt = (): Buffer =>
  zip(
    odfMembers("text", "<text:p>Before</text:p>", {
      before: `<office:scripts>${onOpen}</office:scripts>`,
      parts: basicParts(basic(inText, macroFile)),
    }),
  );

export const macroOds = (): Buffer =>
  zip(
    odfMembers(
      "spreadsheet",
      '<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Before</text:p></table:table-cell></table:table-row></table:table>',
      { before: `<office:scripts>${onOpen}</office:scripts>`, parts: basicParts(basic(inSheet, macroFile)) },
    ),
  );

/** With another path the control shows that the macro works where it is allowed to. */
export const macroFodt = (path = macroFile): Buffer =>
  flatOdf(
    "text",
    "<text:p>Before</text:p>",
    `<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded ooo:name="Standard"><ooo:module ooo:name="Module1"><ooo:source-code>${escaped(basic(inText, path))}</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script>${onOpen}</office:scripts>`,
  );

const vba = (name: string, change: string) => `Sub ${name}()\nDim f\n${writeFile(macroFile)}\n${change}\nEnd Sub`;
const wordMacro = ["AutoOpen", "Document_Open"].map((name) => vba(name, `ActiveDocument.Content.Text = "${macroWord}"`)).join("\n");
const sheetMacro = ["Auto_Open", "Workbook_Open"].map((name) => vba(name, `Range("A1").Value = "${macroWord}"`)).join("\n");
const project = { id: "r9", type: "http://schemas.microsoft.com/office/2006/relationships/vbaProject", target: "vbaProject.bin" };
const defaults = { bin: "application/vnd.ms-office.vbaProject" };

export const macroDocm = (mainType = "application/vnd.ms-word.document.macroEnabled.main+xml"): Buffer =>
  docxOf(paragraph("Before"), { mainType, relations: [project], defaults, parts: { "word/vbaProject.bin": vbaProject(wordMacro) } });

export const macroXlsm = (): Buffer =>
  zip(
    xlsxMembers('<sheetData><row><c t="inlineStr"><is><t>Before</t></is></c></row></sheetData>', {
      mainType: "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
      relations: [project],
      defaults,
      parts: { "xl/vbaProject.bin": vbaProject(sheetMacro) },
    }),
  );

/** A document of LibreOffice's with the macros of another hand. */
export async function macroDoc(): Promise<Buffer> {
  return withStorage("letter.doc", "Macros", vbaStorage(wordMacro));
}
export async function macroXls(): Promise<Buffer> {
  return withStorage("table.xls", "_VBA_PROJECT_CUR", vbaStorage(sheetMacro));
}

async function withStorage(name: "letter.doc" | "table.xls", storage: string, content: Storage): Promise<Buffer> {
  const source = openCfb(memorySource(await readFile(await fixture(name))));
  const streams = [...source.streams].map(([stream, place]) => [stream, Buffer.concat([...source.read(place)])]);
  return cfb({ ...Object.fromEntries(streams), [storage]: content });
}
