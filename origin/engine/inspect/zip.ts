// Reads small members of a zip by name. What is wrong with a zip is the guard's to say.
import type { ByteSource } from "./container/byte-source.ts";
import { damaged } from "./container/refuse.ts";
import { unpack } from "./container/unpack.ts";
import { type Member, readDirectory } from "./container/zip-directory.ts";

export type Zip = {
  names: readonly string[];
  /** A small member as text; undefined when there is none or it is larger. */
  read(name: string, bytesMax: number): Promise<string | undefined>;
};

/** Throws when the directory is broken. The file must stay open as long as members are read. */
export function openZip(source: ByteSource): Zip {
  const members = new Map<string, Member>();
  for (const member of readDirectory(source).members) if (!members.has(member.name)) members.set(member.name, member);
  return {
    names: [...members.keys()],
    async read(name, bytesMax) {
      const member = members.get(name);
      if (!member || member.unpacked > bytesMax) return undefined;
      const header = source.read(member.at, 30);
      if (header.length < 30) throw damaged("A member lies beyond its end.");
      const dataAt = member.at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
      const pieces: Buffer[] = [];
      for await (const piece of unpack(source, { ...member, dataAt })) pieces.push(piece);
      return Buffer.concat(pieces).toString("utf8");
    },
  };
}
