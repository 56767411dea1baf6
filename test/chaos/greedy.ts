import { pseudoRandom } from "#test/fixtures/odd-bytes.ts";
import type { ChaosDocument } from "./documents.ts";

const side = 700;
const pages = 30;

/** A small PDF whose every page is the same noise, which no format packs: its pictures fill a workspace. */
export function greedyDocument(): ChaosDocument {
  const noise = pseudoRandom(side * side * 3).toString("latin1");
  const paint = "q 595 0 0 842 0 0 cm /N Do Q";
  const kids = Array.from({ length: pages }, (_, page) => `${page + 5} 0 R`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids.join(" ")}] /Count ${pages} >>`,
    `<< /Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length ${noise.length} >>\nstream\n${noise}\nendstream`,
    `<< /Length ${paint.length} >>\nstream\n${paint}\nendstream`,
    ...kids.map(() => "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /N 3 0 R >> >> /Contents 4 0 R >>"),
  ];
  let text = "%PDF-1.4\n";
  const table = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${`${offset}`.padStart(10, "0")} 00000 n \n`;
  });
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table.join("")}trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return {
    filename: "greedy.pdf",
    bytes: new Uint8Array(Buffer.from(text + end, "latin1")),
    step: { operation: "pdf.to-images", options: { dpi: 150 } },
    refused: "input-too-complex",
  };
}
