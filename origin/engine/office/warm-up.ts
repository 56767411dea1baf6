// Tiny real documents: what LibreOffice loads for the first of each kind is then loaded before a customer's.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OfficeJob } from "./driver.ts";

const text = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>Warm</text:p></office:text></office:body></office:document>
`;

export async function warmUpJobs(folder: string): Promise<OfficeJob[]> {
  const output = join(folder, "warm-up.pdf");
  const documents = [
    { name: "warm-up.fodt", content: text, filter: "OpenDocument Text Flat XML", exportFilter: "writer_pdf_Export" },
    {
      name: "warm-up.csv",
      content: "1,2\n",
      filter: "Text - txt - csv (StarCalc)",
      exportFilter: "calc_pdf_Export",
      importOptions: "44,34,76,1",
    },
  ];
  return Promise.all(
    documents.map(async ({ name, content, filter, ...job }) => {
      const input = join(folder, name);
      await writeFile(input, content);
      return { ...job, input, output, importFilters: [filter] };
    }),
  );
}
