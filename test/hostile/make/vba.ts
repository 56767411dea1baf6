// A VBA project ([MS-OVBA]) of one module, as Office stores it.
import { cfb, type Storage } from "./cfb.ts";

export const vbaProject = (source: string): Buffer => cfb(vbaStorage(source));

export function vbaStorage(source: string): Storage {
  const name = "Module1";
  return {
    PROJECT: Buffer.from(
      `ID="{00000000-0000-0000-0000-000000000000}"\r\nModule=${name}\r\nName="VBAProject"\r\nHelpContextID="0"\r\nCMG="0"\r\nDPB="0"\r\nGC="0"\r\n`,
    ),
    VBA: {
      _VBA_PROJECT: Buffer.from("cc61ffff000000", "hex"),
      dir: compressed(directory(name)),
      [name]: compressed(Buffer.from(`Attribute VB_Name = "${name}"\r\n${source.replaceAll("\n", "\r\n")}\r\n`)),
    },
  };
}

function directory(name: string): Buffer {
  const record = (id: number, content: Buffer) => {
    const head = Buffer.alloc(6);
    head.writeUInt16LE(id, 0);
    head.writeUInt32LE(content.length, 2);
    return Buffer.concat([head, content]);
  };
  const hex = (text: string) => Buffer.from(text, "hex");
  const both = (id: number, unicodeId: number, text: string) => [
    record(id, Buffer.from(text)),
    record(unicodeId, Buffer.from(text, "utf16le")),
  ];
  const version = Buffer.from("090004000000010000000100", "hex");
  return Buffer.concat([
    record(0x01, hex("01000000")),
    record(0x02, hex("09040000")),
    record(0x14, hex("09040000")),
    record(0x03, hex("e404")),
    record(0x04, Buffer.from("VBAProject")),
    ...both(0x05, 0x40, ""),
    record(0x06, hex("")),
    record(0x3d, hex("")),
    record(0x07, hex("00000000")),
    record(0x08, hex("00000000")),
    version,
    ...both(0x0c, 0x3c, ""),
    record(0x0f, hex("0100")),
    record(0x13, hex("ffff")),
    ...both(0x19, 0x47, name),
    ...both(0x1a, 0x32, name),
    ...both(0x1c, 0x48, ""),
    record(0x31, hex("00000000")),
    record(0x1e, hex("00000000")),
    record(0x2c, hex("ffff")),
    record(0x21, hex("")),
    record(0x2b, hex("")),
    record(0x10, hex("")),
  ]);
}

/** The container of [MS-OVBA] 2.4.1 with literal tokens only. */
function compressed(plain: Buffer): Buffer {
  const chunks: Buffer[] = [Buffer.from([1])];
  for (let at = 0; at < plain.length; at += 3_600) {
    const tokens: Buffer[] = [];
    const piece = plain.subarray(at, at + 3_600);
    for (let index = 0; index < piece.length; index += 8) tokens.push(Buffer.from([0]), piece.subarray(index, index + 8));
    const body = Buffer.concat(tokens);
    const head = Buffer.alloc(2);
    head.writeUInt16LE((body.length - 1) | 0xb000);
    chunks.push(head, body);
  }
  return Buffer.concat(chunks);
}
