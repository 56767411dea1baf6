// Macros that run on open. Each would write a file and change the text; neither may be there afterwards.
import { macroDoc, macroDocm, macroFodt, macroOds, macroOdt, macroWord, macroXls, macroXlsm } from "../make/macros.ts";
import { type Row, toPdf } from "../row.ts";

const quiet = (contains = "Before") => ({ ...toPdf, succeeded: { contains, lacks: [macroWord] } });

export const macros: readonly Row[] = [
  { title: "Basic on open in an odt", filename: "a.odt", file: () => macroOdt(), ...quiet() },
  { title: "Basic on open in an ods", filename: "a.ods", file: () => macroOds(), ...quiet() },
  { title: "Basic on open in a flat odt", filename: "a.fodt", file: () => macroFodt(), ...quiet() },
  { title: "AutoOpen in a docm", filename: "a.docm", file: () => macroDocm(), ...quiet() },
  {
    title: "AutoOpen in a docx that says it has none",
    filename: "a.docx",
    file: () => macroDocm("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    ...quiet(),
  },
  { title: "Auto_Open in an xlsm", filename: "a.xlsm", file: () => macroXlsm(), ...quiet() },
  { title: "AutoOpen in a doc", filename: "a.doc", file: () => macroDoc(), ...quiet("Dear reader") },
  { title: "Auto_Open in an xls", filename: "a.xls", file: () => macroXls(), ...quiet("Total") },
];
