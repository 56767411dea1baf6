// Writes OLE2 compound files ([MS-CFB] 2), version 3.

export type Storage = { [name: string]: Uint8Array | Storage };

const sectorBytes = 512;
const miniBytes = 64;
const miniCutoff = 4_096;
const [free, end, tableSector] = [0xffffffff, 0xfffffffe, 0xfffffffd];
type Entry = { name: string; type: 1 | 2 | 5; bytes: Uint8Array; children: number[]; start: number };

export function cfb(root: Storage): Buffer {
  const entries: Entry[] = [];
  add("Root Entry", root, 5);
  const large = chains(sectorBytes);
  const mini = chains(miniBytes);
  for (const entry of entries) if (entry.type === 2) entry.start = (entry.bytes.length < miniCutoff ? mini : large).place(entry.bytes);
  const [rootEntry] = entries;
  if (rootEntry && mini.bodies.length > 0) {
    rootEntry.bytes = Buffer.concat(mini.bodies);
    rootEntry.start = large.place(rootEntry.bytes);
  }
  const { bodies, table } = large;
  while (mini.table.length % 128 !== 0) mini.table.push(free);
  const miniTableStart = large.place(words(mini.table));
  const directoryStart = large.place(directory(entries));
  let tableSectors = 0;
  while (tableSectors * 128 < table.length + tableSectors) tableSectors++;
  const tableStart = table.length;
  for (let index = 0; index < tableSectors; index++) table.push(tableSector);
  while (table.length % 128 !== 0) table.push(free);
  if (tableSectors > 109) throw new RangeError("too large for a header without a second list of tables");

  const header = Buffer.alloc(sectorBytes);
  header.write("d0cf11e0a1b11ae1", "hex");
  for (const [at, value] of [
    [24, 0x3e],
    [26, 3],
    [28, 0xfffe],
    [30, 9],
    [32, 6],
  ] as const)
    header.writeUInt16LE(value, at);
  const miniTableSectors = mini.table.length / 128;
  for (const [at, value] of [
    [44, tableSectors],
    [48, directoryStart],
    [56, miniCutoff],
    [60, miniTableStart],
    [64, miniTableSectors],
    [68, end],
  ] as const)
    header.writeUInt32LE(value, at);
  for (let index = 0; index < 109; index++) header.writeUInt32LE(index < tableSectors ? tableStart + index : free, 76 + index * 4);
  return Buffer.concat([header, ...bodies, words(table)]);

  function add(name: string, node: Uint8Array | Storage, type: Entry["type"]): number {
    const index = entries.length;
    const entry: Entry = {
      name,
      type,
      bytes: node instanceof Uint8Array ? node : new Uint8Array(),
      children: [],
      start: type === 5 ? end : 0,
    };
    entries.push(entry);
    if (!(node instanceof Uint8Array))
      for (const [child, content] of Object.entries(node).sort(
        ([a], [b]) => a.length - b.length || (a.toUpperCase() < b.toUpperCase() ? -1 : 1),
      ))
        entry.children.push(add(child, content, content instanceof Uint8Array ? 2 : 1));
    return index;
  }
}

/** Streams in sectors of a size, each a chain in the table: [MS-CFB] 2.3 and 2.4. */
function chains(size: number) {
  const [bodies, table]: [Buffer[], number[]] = [[], []];
  const place = (bytes: Uint8Array): number => {
    if (bytes.length === 0) return end;
    const start = table.length;
    const count = Math.ceil(bytes.length / size);
    for (let index = 1; index <= count; index++) table.push(index === count ? end : start + index);
    bodies.push(Buffer.concat([bytes, Buffer.alloc(count * size - bytes.length)]));
    return start;
  };
  return { bodies, table, place };
}

/** Siblings hang on each other's right: a list is a tree too, though not a balanced one. */
function directory(entries: readonly Entry[]): Buffer {
  const right = new Map<number, number>();
  for (const { children } of entries) for (const [at, child] of children.entries()) right.set(child, children[at + 1] ?? free);
  return Buffer.concat(
    entries.map(({ name, type, bytes, children, start }, index) => {
      const entry = Buffer.alloc(128);
      entry.write(name, 0, "utf16le");
      entry.writeUInt16LE(name.length * 2 + 2, 64);
      entry[66] = type;
      entry[67] = 1; // black
      entry.writeUInt32LE(free, 68);
      entry.writeUInt32LE(right.get(index) ?? free, 72);
      entry.writeUInt32LE(children[0] ?? free, 76);
      entry.writeUInt32LE(start, 116);
      entry.writeUInt32LE(bytes.length, 120);
      return entry;
    }),
  );
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
