const reserved = /[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}/\\:*?"<>|]/gu;
const stemBytesMax = 200;
const nameBytesMax = 255;

/** The stem of a file name, safe as the beginning of a result's name on any system. */
export function stemOf(filename: string): string {
  const name = filename.split(/[/\\]/).at(-1) ?? "";
  const stem = safe(name.replace(/(?<=.)\.[^.]{1,10}$/u, ""));
  return cut(stem, stemBytesMax).replace(/[. ]+$/, "") || "document";
}

/** A name for a result: one path segment, at most 255 bytes. */
export function resultName(name: string): string {
  return cut(safe(name), nameBytesMax) || "result";
}

function safe(name: string): string {
  return name
    .normalize("NFC")
    .replace(reserved, "_")
    .replace(/^[. ]+/, "");
}

/** At most `bytesMax` bytes of UTF-8, cut between characters. */
function cut(text: string, bytesMax: number): string {
  let bytes = 0;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > bytesMax) break;
    kept += segment;
  }
  return kept;
}
