// What an input really is, and whether an engine may see it at all.
import { declaredType, type MediaType } from "#contract/media.ts";
import { Problem } from "#contract/problems.ts";
import { type ByteSource, readingFile } from "./container/byte-source.ts";
import { guardContainer, openBudget } from "./container/guard.ts";
import { xmlGuard } from "./container/xml-guard.ts";
import { checkImage } from "./image.ts";
import { judgeType } from "./judge.ts";
import type { InspectLimits } from "./limits.ts";
import { htmlNotes, xmlNotes } from "./markup-notes.ts";
import { checkPdf } from "./pdf.ts";
import { notePolyglot } from "./polyglot.ts";
import { type Content, realContent } from "./real-content.ts";
import { checkRtf } from "./rtf.ts";
import { readText, type TextFacts } from "./text.ts";
import type { Traits } from "./traits.ts";

export type Inspected = {
  type: MediaType;
  differs: boolean;
  /** Undefined where the container does not tell. */
  encrypted: boolean | undefined;
  text?: TextFacts;
};

export type InspectOptions = {
  name: { filename: string; contentType: string };
  accepts: readonly string[];
  limits: InspectLimits;
  /** What the bytes were already seen to be. */
  known?: Content | undefined;
  /** Filled on the way, so that a refused file has its traits too. */
  traits: Traits;
};

export async function inspect(path: string, { name, accepts, limits, known, traits }: InspectOptions): Promise<Inspected> {
  return readingFile(path, async (source) => {
    if (source.size === 0) throw new Problem("file-empty");
    const damage = await containerDamage(source, limits, traits);
    const content = await withText(source, known ?? (await realContent(source)));
    const { type, differs } = judged(declaredType(name.filename, name.contentType), content, accepts, damage);
    if (content.encrypted) traits.add("encrypted");
    await checkFormat(path, source, { type, content, traits });
    return { type, differs, encrypted: content.encrypted, ...(content.text && { text: content.text }) };
  });
}

/** What is said only after its type is judged: a wrong name is the better answer. */
async function containerDamage(source: ByteSource, limits: InspectLimits, traits: Traits): Promise<Problem | undefined> {
  try {
    await guardContainer(source, openBudget(traits, limits));
    return undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === "input-damaged") return error;
    throw error;
  }
}

/** That its container is damaged is a better answer than that its type cannot be told. */
function judged(declared: MediaType | undefined, content: Content, accepts: readonly string[], damage: Problem | undefined) {
  try {
    const judgement = judgeType(declared, content, accepts);
    if (!damage) return judgement;
  } catch (error) {
    const kind = declared?.signature.kind;
    const hoped = !content.type && (kind === "opc" || kind === "odf" || kind === "cfb");
    if (!damage || !(error instanceof Problem) || (error.code !== "input-damaged" && !hoped)) throw error;
  }
  throw damage;
}

async function withText(source: ByteSource, content: Content): Promise<Content> {
  if (content.type || content.container) return content;
  const text = await readText(source);
  return text ? { text } : content;
}

type Found = { type: MediaType; content: Content; traits: Traits };

async function checkFormat(path: string, source: ByteSource, { type, content, traits }: Found): Promise<void> {
  if (type.signature.kind === "magic") notePolyglot(source, traits);
  if (type.family === "pdf") checkPdf(source, traits);
  else if (type.family === "image") await checkImage(path);
  else if (type.mime === "application/rtf") checkRtf(source, traits);
  else if (type.signature.kind === "xml" || content.text) checkMarkup(source, type, content, traits);
}

const pieceBytes = 1_048_576;

/** Flat OpenDocument; HTML; and any other text that begins as XML, which is read as text and still is no place for a bomb. */
function checkMarkup(source: ByteSource, type: MediaType, { text }: Content, traits: Traits): void {
  const html = type.mime === "text/html" || text?.html;
  if (!html && text && !/^\s*<(\?xml|!doctype|svg)\b/i.test(text.head)) return;
  const guard = html ? undefined : xmlGuard("the file");
  const note = html ? htmlNotes(traits) : xmlNotes(traits);
  for (let position = 0; position < source.size; position += pieceBytes) {
    const piece = source.read(position, pieceBytes);
    guard?.write(piece);
    note(piece);
  }
}
