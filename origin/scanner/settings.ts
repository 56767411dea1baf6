// THE table of what clamd.conf must say: the stack's clamd is started with it, docs/scanner.md is made from it, the self-test proves it.
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";

export type Setting = { value: string; why: string };

/** clamd refuses to scan files of 2 GiB and more. */
const clamdBytesMax = 2 ** 31 - 1;

export function clamdSettings(fileBytesMax = fileBytesMaxOfAllTiers) {
  if (fileBytesMax > clamdBytesMax) throw new RangeError(`clamd scans at most ${clamdBytesMax} bytes, and a tier allows ${fileBytesMax}`);
  return {
    StreamMaxLength: { value: `${fileBytesMax}`, why: "The largest file of all tiers, which is sent whole." },
    MaxFileSize: { value: `${fileBytesMax}`, why: "The same, for the file and for each part that is unpacked from it." },
    MaxScanSize: {
      value: `${Math.min(clamdBytesMax, 4 * fileBytesMax)}`,
      why: "What a file and its unpacked parts come to. More than `MaxFileSize`.",
    },
    MaxScanTime: { value: "300000", why: "Milliseconds; the standard two minutes are short for the largest files." },
    AlertExceedsMax: { value: "yes", why: "Otherwise clamd says OK to what it did not read." },
    AlertEncrypted: { value: "yes", why: "Otherwise clamd says OK to what it cannot read." },
    ScanArchive: { value: "yes", why: "Archives, among them the OOXML and OpenDocument formats." },
    ScanOLE2: { value: "yes", why: "Office documents of the old formats." },
    ScanPDF: { value: "yes", why: "Streams and attachments of PDF files." },
    ConcurrentDatabaseReload: { value: "no", why: "Saves the memory of a second database; scans wait while a new one is loaded." },
  } as const satisfies Record<string, Setting>;
}
