// Small files that a clamd with the right settings answers in one way only. Made in code, so that no scanner finds them here.
import { crc32, deflateRawSync, deflateSync } from "node:zlib";
import type { Reply } from "./replies.ts";

/** The harmless file that every scanner must find. In two halves, or scanners would find this one. */
export const eicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-${"ANTIVIRUS-TEST-FILE!$H+H*"}`;

const malware = Buffer.from(eicar, "latin1");
const harmless = Buffer.alloc(64, 0x78);

type Probe = { bytes: Buffer; expected: Reply["kind"]; needs: string };

export function probes(fileBytesMax: number): Probe[] {
  return [
    { bytes: malware, expected: "found", needs: "DatabaseDirectory with signatures that know the EICAR test file" },
    { bytes: zip(malware), expected: "found", needs: "ScanArchive yes" },
    { bytes: ole2(malware), expected: "found", needs: "ScanOLE2 yes" },
    { bytes: pdf({ dictionary: "/Filter /FlateDecode", stream: deflateSync(malware) }), expected: "found", needs: "ScanPDF yes" },
    { bytes: zip(harmless, { flags: 1 }), expected: "encrypted", needs: "AlertEncrypted yes (AlertEncryptedArchive)" },
    { bytes: pdf({ trailer: encryption }), expected: "encrypted", needs: "AlertEncrypted yes (AlertEncryptedDoc)" },
    { bytes: nested(110), expected: "limits", needs: "AlertExceedsMax yes, and MaxRecursion 100 or less" },
    { bytes: tar(fileBytesMax), expected: "clean", needs: `MaxFileSize ${fileBytesMax} or more, and MaxScanSize more than MaxFileSize` },
  ];
}

/** Writes numbers at their places, little-endian. */
function fields(size: number, words: Record<number, number>, shorts: Record<number, number> = {}): Buffer {
  const bytes = Buffer.alloc(size);
  for (const [at, value] of Object.entries(words)) bytes.writeUInt32LE(value, Number(at));
  for (const [at, value] of Object.entries(shorts)) bytes.writeUInt16LE(value, Number(at));
  return bytes;
}

/** A zip of one member (PKWARE APPNOTE 4.3). */
function zip(content: Buffer, { flags = 0 } = {}): Buffer {
  const body = deflateRawSync(content);
  const name = Buffer.from("a");
  const both = fields(26, { 10: crc32(content), 14: body.length, 18: content.length }, { 0: 20, 2: flags, 4: 8, 8: 0x21, 22: name.length });
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), both, name, body]);
  const entry = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), both, Buffer.alloc(14), name]);
  return Buffer.concat([local, entry, Buffer.from("PK\x05\x06"), fields(18, { 8: entry.length, 12: local.length }, { 4: 1, 6: 1 })]);
}

const nested = (depth: number): Buffer => (depth === 0 ? harmless : zip(nested(depth - 1)));

/** A tar that claims a member of so many bytes, which clamd holds against its limits without looking for them (POSIX ustar). */
function tar(claimedBytes: number): Buffer {
  const header = Buffer.alloc(512);
  for (const [text, at] of [
    ["a", 0],
    ["0000644", 100],
    [claimedBytes.toString(8).padStart(11, "0"), 124],
    ["        0", 148],
    ["ustar\u000000", 257],
  ] as const)
    header.write(text, at);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, harmless]);
}

const hexOf = (bytes: number): string => `<${"11".repeat(bytes)}>`;
const encryption = `/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O ${hexOf(32)} /U ${hexOf(32)} >> /ID [${hexOf(16)} ${hexOf(16)}]`;

function pdf({ dictionary = "", stream = harmless, trailer = "" }): Buffer {
  const head = `%PDF-1.4\n1 0 obj\n<< /Length ${stream.length} ${dictionary} >>\nstream\n`;
  const body = Buffer.concat([Buffer.from(head), stream, Buffer.from("\nendstream\nendobj\n")]);
  const table = `xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n`;
  return Buffer.concat([body, Buffer.from(`${table}trailer\n<< /Size 2 /Root 1 0 R ${trailer} >>\nstartxref\n${body.length}\n%%EOF\n`)]);
}

/** A compound file of one stream, whose two sectors are not neighbours ([MS-CFB] 2): only who follows them finds the content. */
function ole2(content: Buffer): Buffer {
  const [tableSector, end, free] = [0xffff_fffd, 0xffff_fffe, 0xffff_ffff];
  const [miniBytes, sectorBytes] = [64, 512];
  const tableOf = (next: readonly number[]) => {
    const bytes = Buffer.alloc(sectorBytes, 0xff);
    for (const [index, value] of next.entries()) bytes.writeUInt32LE(value, index * 4);
    return bytes;
  };
  const entry = (name: string, kind: number, { child = free, start, size }: { child?: number; start: number; size: number }) => {
    const bytes = fields(128, { 68: free, 72: free, 76: child, 116: start, 120: size }, { 64: name.length * 2 + 2, 66: kind });
    bytes.write(name, "utf16le");
    return bytes;
  };
  const header = tableOf([]); // what follows its 76 bytes is the list of tables: sector 0, and no other
  fields(80, { 44: 1, 48: 1, 56: 4_096, 60: 2, 64: 1, 68: end }, { 24: 0x3e, 26: 3, 28: 0xfffe, 30: 9, 32: 6 }).copy(header);
  header.write("d0cf11e0a1b11ae1", "hex");
  const table = tableOf([tableSector, end, end, end]);
  const miniTable = tableOf([2, free, end]);
  const directory = Buffer.concat([
    entry("Root Entry", 5, { child: 1, start: 3, size: 3 * miniBytes }),
    entry("a", 2, { start: 0, size: content.length }),
    Buffer.alloc(256),
  ]);
  const body = Buffer.alloc(sectorBytes);
  content.copy(body, 0, 0, miniBytes);
  content.copy(body, 2 * miniBytes, miniBytes);
  return Buffer.concat([header, table, directory, miniTable, body]);
}
