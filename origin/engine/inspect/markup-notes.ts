// Traits that stand in the text of XML and HTML.
import type { Trait } from "#contract/jobs.ts";
import type { Traits } from "./traits.ts";

type Note = { trait: Trait; word: string; pattern: RegExp };

const keptCharacters = 2_048;
const external: Trait = "external-references";

/** Hyperlinks are followed by readers, not by converters. */
const xmlRows: readonly Note[] = [
  {
    trait: external,
    word: "TargetMode",
    pattern: /<Relationship\b(?=[^<>]*\sTargetMode\s*=\s*["']External["'])(?![^<>]*\sType\s*=\s*["'][^"'<>]*\/hyperlink["'])[^<>]*>/i,
  },
  {
    trait: external,
    word: "href",
    pattern:
      /<(?!(?:[\w-]+:)?a\b|meta:template\b)[\w:.-]+\b[^<>]*\s(?:[\w-]+:)?href\s*=\s*["'](?!data:|vnd\.sun\.star\.script:)(?:[a-z][\w+.-]*:|\/|\\|\.\.\/)/i,
  },
  { trait: external, word: "instrText", pattern: /<w:instrText[^<>]*>[^<>]*\b(?:INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE)\b/ },
  { trait: external, word: ":dde-source", pattern: /<(?:office|text):dde-source\b/ },
  { trait: external, word: "ddeLink", pattern: /<ddeLink\b/ },
  { trait: external, word: "DDE(", pattern: /\bDDE\(/ },
  { trait: external, word: "WEBSERVICE(", pattern: /\bWEBSERVICE\(/ },
  { trait: external, word: "</f>", pattern: /<f>[^<>]*\b(?:cmd|msexcel|rundll32|regsvr32|powershell|mshta)\|/i },
  { trait: "macros", word: "vnd.sun.star.script:", pattern: /href\s*=\s*["']vnd\.sun\.star\.script:/ },
  { trait: "macros", word: "source-code", pattern: /<[\w-]+:source-code\b/ },
];

const address = String.raw`["']?\s*(?!data:|#)(?:[a-z][\w+.-]*:|\/|\\)`;
const htmlRows: readonly Note[] = [
  {
    trait: external,
    word: "<",
    pattern: new RegExp(`<(?!a\\b|base\\b|form\\b)[a-z]\\w*\\b[^<>]*\\s(?:src|href|background|data)\\s*=\\s*${address}`, "i"),
  },
];

/** The text arrives in pieces. The words are looked for first, because most parts have none of them. */
function notes(rows: readonly Note[], traits: Traits): (piece: Buffer) => void {
  let rest = "";
  return (piece) => {
    const suspects = rows.filter(({ trait, word }) => !traits.has(trait) && (rest.includes(word) || piece.includes(word)));
    if (suspects.length > 0) {
      const text = rest + piece.toString("latin1");
      for (const { trait, pattern } of suspects) if (pattern.test(text)) traits.add(trait);
    }
    rest = piece.subarray(-keptCharacters).toString("latin1");
  };
}

export const xmlNotes = (traits: Traits) => notes(xmlRows, traits);
export const htmlNotes = (traits: Traits) => notes(htmlRows, traits);
