import { readingFile } from "../inspect/container/byte-source.ts";
import { openZip } from "../inspect/zip.ts";

/** Where the formats list their fonts. Only small members are read: a document that is all styles gets no warning. */
const lists = [
  { member: "word/fontTable.xml", name: /<w:font\s[^>]*?w:name="([^"]{1,100})"/g },
  { member: "xl/styles.xml", name: /<(?:name|rFont)\s+val="([^"]{1,100})"/g },
  { member: "ppt/theme/theme1.xml", name: /<a:latin\s+typeface="([^"]{1,100})"/g },
  { member: "styles.xml", name: /svg:font-family="(?:&apos;|')?([^"';&]{1,100})/g },
  { member: "content.xml", name: /svg:font-family="(?:&apos;|')?([^"';&]{1,100})/g },
];
const memberBytesMax = 512_000;
const namesMax = 20;

/** The fonts that an OOXML or OpenDocument file says it uses. */
export async function declaredFonts(path: string): Promise<string[]> {
  return readingFile(path, async (source) => {
    const zip = openZip(source);
    const names = new Set<string>();
    for (const { member, name } of lists) {
      const text = await zip.read(member, memberBytesMax).catch(() => undefined);
      for (const match of text?.matchAll(name) ?? []) if (match[1] && !match[1].startsWith("+")) names.add(match[1]);
    }
    return [...names].slice(0, namesMax);
  }).catch(() => []); // LibreOffice mends some containers that we do not read
}
