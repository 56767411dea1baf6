// The documents of a round: the same for both sides, in the same order.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Trait } from "#contract/jobs.ts";
import type { OfficeRequest, OperationContext } from "#contract/operation.ts";
import { officeToPdf } from "#contract/operations/office-to-pdf.ts";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { inspect } from "#origin/engine/inspect/inspect.ts";
import { docx, odp, odt, rtf, xlsx } from "#test/fixtures/documents.ts";
import { type FixtureName, makeFixtures } from "#test/fixtures/make.ts";

export type BenchDocument = {
  name: string;
  path: string;
  bytes: Uint8Array;
  /** What the operation asks LibreOffice for, so that the bare side is asked for the same. */
  request: Omit<OfficeRequest, "output">;
};

export const smallDocument = "letter.docx" satisfies FixtureName;

const fixtures: FixtureName[] = [
  ...(["long.docx", "table.xlsx", "slides.pptx", "letter.odt", "letter.rtf", "letter.doc"] as const),
  ...(["table.xls", "cities.csv", "slides.odp", "letter.html", "letter.txt", smallDocument] as const),
];

const small: FixtureName[] = [smallDocument, "table.xlsx", "slides.odp", "letter.rtf", "cities.csv", "letter.doc", "letter.html"];

const sentence = "The quick brown fox jumps over the lazy dog. ";
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const chapter = (number: number) => [`Chapter ${number}`, ...numbers(12).map(() => sentence.repeat(5))];
const chapters = (count: number) => numbers(count).flatMap(chapter);
const ledger = (days: number) => [
  ["Day", "Item", "Net", "Tax", "Gross"],
  ...numbers(days).map((day) => [day, `Item ${day % 17}`, day * 3, day / 5, day * 3.2]),
];
/** Of the size that people send: dozens of pages, hundreds of rows. */
const larger: Record<string, () => Buffer | string> = {
  "report.docx": () => docx(numbers(40).map(chapter)),
  "ledger.xlsx": () => xlsx(ledger(1_200)),
  "lecture.odp": () => odp(numbers(60).map((slide) => `Slide ${slide}: ${sentence}`)),
  "report.odt": () => odt(chapters(60)),
  "report.rtf": () => rtf(chapters(40)),
  "ledger.csv": () =>
    ledger(1_500)
      .map((row) => row.join(";"))
      .join("\n"),
};

/** Each document once: the made ones, or those of a folder. */
export async function readDocuments(scratch: string, folder?: string): Promise<BenchDocument[]> {
  const paths = folder === undefined ? await madeDocuments(scratch) : await documentsIn(folder);
  const documents = await Promise.all(paths.map((path) => readDocument(path)));
  return documents.filter((document) => document !== undefined);
}

export async function readSmallDocument(): Promise<BenchDocument> {
  const document = await readDocument(join(await makeFixtures(), smallDocument));
  if (!document) throw new Error(`${smallDocument} is not taken`);
  return document;
}

/** Of one page, and of each application. */
export async function readSmallDocuments(): Promise<BenchDocument[]> {
  const folder = await makeFixtures();
  const read = await Promise.all(small.map((name) => readDocument(join(folder, name))));
  return read.filter((document) => document !== undefined);
}

/** The documents in turn, `count` of them. */
export const takeInTurn = <T>(documents: readonly T[], count: number): T[] =>
  numbers(Math.ceil(count / documents.length))
    .flatMap(() => documents)
    .slice(0, count);

async function madeDocuments(scratch: string): Promise<string[]> {
  const made = await makeFixtures();
  const own = join(scratch, "documents");
  await mkdir(own, { recursive: true });
  for (const [name, make] of Object.entries(larger)) await writeFile(join(own, name), make());
  // spread over the turn, with quick ones at its end, so that no slow one is alone at the end of a round
  const slow = Object.keys(larger).map((name) => join(own, name));
  const quick = fixtures.map((name) => join(made, name));
  const each = Math.floor(quick.length / (slow.length + 1));
  return [...slow.flatMap((path, index) => [path, ...quick.slice(index * each, (index + 1) * each)]), ...quick.slice(slow.length * each)];
}

async function documentsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** Undefined for a file that the operation does not take. */
async function readDocument(path: string): Promise<BenchDocument | undefined> {
  const name = basename(path);
  const { accepts } = officeToPdf;
  const limits = { memberBytesMax: fileBytesMaxOfAllTiers };
  const asked = { name: { filename: name, contentType: "" }, accepts, limits, traits: new Set<Trait>() };
  const found = await inspect(path, asked).catch(() => undefined);
  if (!found) return undefined;
  const bytes = new Uint8Array(await readFile(path));
  const input = { path, type: found.type.mime, sizeBytes: bytes.byteLength, ...(found.text && { text: found.text }) };
  const request = await requestOf(input);
  return request && { name, path, bytes, request };
}

async function requestOf(input: OperationContext["input"]): Promise<BenchDocument["request"] | undefined> {
  let asked: BenchDocument["request"] | undefined;
  const unused = () => {
    throw new Error("only LibreOffice is asked");
  };
  const context: OperationContext = {
    input,
    stem: "bench",
    cpus: 1,
    result: () => "",
    claim: () => {},
    exec: unused,
    pipe: unused,
    office: async ({ output: _, ...request }) => {
      asked = request;
      return { pages: 1 };
    },
    pdf: unused,
    progress: () => {},
    warn: () => {},
    fail: unused,
  };
  await officeToPdf.run(context, officeToPdf.options.parse({})).catch(() => {});
  return asked;
}
