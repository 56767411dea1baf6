export type XmlRoot = { name: string; mimetype?: string };

const prolog = /^(?:\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!doctype\s+(html)?(?:[^[>]|\[[^\]]*\])*>)/i;
const element = /^<(?:[\w.-]+:)?([\w.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)/;

/** The root element of a text that begins as XML or HTML: its local name, and its `office:mimetype`. */
export function xmlRoot(text: string): XmlRoot | undefined {
  let rest = text.replace(/^\u{feff}/u, "");
  for (let match = prolog.exec(rest); match; match = prolog.exec(rest)) {
    if (match[1]) return { name: "html" };
    rest = rest.slice(match[0].length);
  }
  const match = element.exec(rest);
  const name = match?.[1];
  if (!name) return undefined;
  const mimetype = /\soffice:mimetype\s*=\s*["']([^"']*)["']/.exec(match[2] ?? "")?.[1];
  return mimetype === undefined ? { name: name.toLowerCase() } : { name, mimetype };
}
