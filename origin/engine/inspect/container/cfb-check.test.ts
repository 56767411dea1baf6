import fc from "fast-check";
import { expect, test } from "vitest";
import type { Trait } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { craftedCfb } from "#test/fixtures/crafted-cfb.ts";
import { docx } from "#test/fixtures/documents.ts";
import { pseudoRandom } from "#test/fixtures/odd-bytes.ts";
import { zip } from "#test/fixtures/zip.ts";
import { memorySource } from "./byte-source.ts";
import { guardContainer, openBudget } from "./guard.ts";

const text = { name: "WordDocument", content: pseudoRandom(6_000) };
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(Math.max(0, 5_000 - bytes.length))]);

async function look(bytes: Buffer): Promise<{ code?: string; traits: Trait[] }> {
  const traits = new Set<Trait>();
  try {
    await guardContainer(memorySource(bytes), openBudget(traits, { memberBytesMax: 30_000_000 }));
    return { traits: [...traits] };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, traits: [...traits] };
  }
}

test("a compound file whose last sector is cut short passes, as in Word", async () => {
  const whole = craftedCfb([text]);
  expect(await look(whole)).toEqual({ traits: [] });
  expect(await look(whole.subarray(0, -100))).toEqual({ traits: [] });
});

test.each([
  ["a chain that runs in a circle", craftedCfb([text], (table, first) => table.fill(first, first + 3, first + 4))],
  [
    "two streams on the same sectors",
    craftedCfb([text, { ...text, name: "1Table" }], (table, first) => table.fill(first + 5, first + 12, first + 13)),
  ],
  ["a chain that leaves the file", craftedCfb([text], (table, first) => table.fill(100_000, first + 3, first + 4))],
  ["a directory in a circle", craftedCfb([text], (table) => table.fill(1, 1, 2))],
  ["a file that was cut", craftedCfb([text]).subarray(0, 3_000)],
  ["a file of its header alone", craftedCfb([text]).subarray(0, 512)],
])("%s is damage", async (_, bytes) => {
  expect((await look(bytes)).code).toBe("input-damaged");
});

test.each<[string, Parameters<typeof craftedCfb>[0], Trait[]]>([
  ["a plain document", [text], []],
  ["macros", [text, { name: "Macros" }, { name: "VBA", inside: 1 }], ["macros"]],
  ["an object", [text, { name: "ObjectPool" }, { name: "_123", inside: 1 }], ["embedded-objects"]],
  ["an OLE package", [text, { name: "\x01Ole10Native", content: pseudoRandom(5_000) }], ["embedded-objects", "executables"]],
  ["a program", [text, { name: "Data", content: padded(Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)])) }], ["executables"]],
])("%s is noted", async (_, entries, traits) => {
  expect((await look(craftedCfb(entries))).traits.sort()).toEqual(traits);
});

test("what is nested in a compound file is guarded too", async () => {
  const bomb = zip({ "[Content_Types].xml": "<Types/>", "a.xml": Buffer.alloc(11_000_000, "a"), "b.bin": pseudoRandom(5_000) });
  const honest = zip({ "[Content_Types].xml": "<Types/>", "b.bin": pseudoRandom(5_000), "c.docx": docx([["x"]]) });
  expect((await look(craftedCfb([{ name: "Package", content: bomb }]))).code).toBe("input-too-complex");
  expect(await look(craftedCfb([{ name: "Package", content: honest }]))).toEqual({ traits: ["embedded-objects"] });
});

test("whatever happens to its bytes, the guard ends with a verdict or a problem, soon", async () => {
  const whole = craftedCfb([text, { name: "Macros" }, { name: "1Table", content: pseudoRandom(5_000), inside: 1 }]);
  const change = fc.record({ at: fc.nat(2_100), with: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const { at, with: patch } of changes) bytes.set(patch, at);
      const before = process.cpuUsage();
      await look(bytes);
      expect(spentMs(before)).toBeLessThan(1_000);
    }),
    { numRuns: 200 },
  );
});

/** Processor time, because others may hold the processor. */
function spentMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
