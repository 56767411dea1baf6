// What the processes of the house did, as they tell it themselves at once, because they may be dead a moment later.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Told = { at: z.number(), process: z.string(), pid: z.int() };
const Entry = z.discriminatedUnion("event", [
  z.object({ ...Told, event: z.literal("claimed"), job: z.string(), attempt: z.int() }),
  /** `counted` is false where another attempt counted by then. */
  z.object({ ...Told, event: z.literal("left"), job: z.string(), attempt: z.int(), state: z.string(), counted: z.boolean() }),
  z.object({ ...Told, event: z.literal("outdated"), job: z.string(), attempt: z.int() }),
  z.object({ ...Told, event: z.literal("died"), point: z.string() }),
]);
export type Entry = z.infer<typeof Entry>;
type Event<E extends Entry = Entry> = E extends Entry ? Omit<E, keyof typeof Told> : never;

const pathIn = (folder: string) => join(folder, "journal.ndjson");

export type Note = (event: Event) => void;

/** A short line that is appended is written whole, also beside other writers. */
export const journalOf =
  (folder: string, name: string): Note =>
  (event) =>
    appendFileSync(pathIn(folder), `${JSON.stringify({ at: Date.now(), process: name, pid: process.pid, ...event })}\n`);

/** Reads what was told up to now; each line is parsed once. */
export function openJournal(folder: string): () => readonly Entry[] {
  const entries: Entry[] = [];
  let readBytes = 0;
  return () => {
    if (!existsSync(pathIn(folder))) return entries;
    const bytes = readFileSync(pathIn(folder));
    const end = bytes.lastIndexOf("\n") + 1;
    const lines = bytes.toString("utf8", readBytes, end).split("\n").filter(Boolean);
    entries.push(...lines.map((line) => Entry.parse(JSON.parse(line))));
    readBytes = end;
    return entries;
  };
}
