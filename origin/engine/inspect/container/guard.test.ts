import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Trait } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { type CraftedMember, type CraftedOptions, craftedZip } from "#test/fixtures/crafted-zip.ts";
import { docx, odt, xlsx } from "#test/fixtures/documents.ts";
import { png, pseudoRandom } from "#test/fixtures/odd-bytes.ts";
import { zip } from "#test/fixtures/zip.ts";
import { memorySource } from "./byte-source.ts";
import { guardContainer, openBudget } from "./guard.ts";

const limits = { memberBytesMax: 30_000_000 };

async function look(bytes: Buffer): Promise<{ problem?: Problem; traits: Trait[] }> {
  const traits = new Set<Trait>();
  try {
    await guardContainer(memorySource(bytes), openBudget(traits, limits));
    return { traits: [...traits] };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error, traits: [...traits] };
  }
}

const body: CraftedMember = { name: "[Content_Types].xml", content: "<Types/>" };
const part = (more: Partial<CraftedMember>): CraftedMember => ({ name: "word/a.xml", content: "<a/>", ...more });
const nested = (depth: number): Buffer =>
  depth === 0 ? docx([["inside"]]) : zip({ "[Content_Types].xml": "<Types/>", "word/embeddings/a.docx": nested(depth - 1) });

test("honest documents pass", async () => {
  for (const bytes of [docx([["x"]]), odt(["x"]), xlsx([["x", 1]]), nested(3), craftedZip([body], { after: Buffer.alloc(100) })])
    expect((await look(bytes)).problem).toBeUndefined();
});

test.each<[string, string, CraftedMember[], CraftedOptions?]>([
  ["two members of one name", "input-damaged", [body, part({}), part({})]],
  ["names that differ by case", "input-damaged", [body, part({}), part({ name: "WORD/A.xml" })]],
  ["an absolute name", "input-damaged", [body, part({ name: "/etc/passwd" })]],
  ["a drive", "input-damaged", [body, part({ name: "C:/x" })]],
  ["a name that climbs", "input-damaged", [body, part({ name: "a/../../x" })]],
  ["a backslash", "input-damaged", [body, part({ name: "a\\b" })]],
  ["a NUL", "input-damaged", [body, part({ name: "a.xml\0.exe" })]],
  ["no name", "input-damaged", [body, part({ name: "" })]],
  ["a symbolic link", "input-damaged", [body, part({ unixMode: 0o120777 })]],
  ["another name in the local header", "input-damaged", [body, part({ local: { name: "word/b.xml" } })]],
  ["another size in the local header", "input-damaged", [body, part({ local: { unpacked: 1 } })]],
  ["another method in the local header", "input-damaged", [body, part({ local: { method: 0 } })]],
  ["encryption in one header only", "input-damaged", [body, part({ local: { flags: 1 } })]],
  ["an encrypted member", "encrypted-unsupported", [body, part({ claims: { flags: 1 } })]],
  ["an unknown compression", "input-damaged", [body, part({ claims: { method: 14 } })]],
  ["members on the same bytes", "input-damaged", [body, part({}), part({ shares: true })]],
  ["a member that is larger than it claims", "input-damaged", [body, part({ content: Buffer.alloc(5_000), claims: { unpacked: 10 } })]],
  ["a member that is smaller than it claims", "input-damaged", [body, part({ claims: { unpacked: 10 } })]],
  [
    "a large member that is larger than it claims",
    "input-damaged",
    [body, part({ content: Buffer.alloc(9_000_000), claims: { unpacked: 5_000_000 } })],
  ],
  ["a wrong checksum", "input-damaged", [body, part({ claims: { crc: 1 } })]],
  ["a member that the scanner would not read", "input-too-complex", [body, part({ claims: { unpacked: 30_000_001 } })]],
  ["a member packed a thousandfold", "input-too-complex", [body, part({ content: Buffer.alloc(11_000_000) })]],
  ["a picture of too many pixels", "input-too-complex", [body, part({ name: "a.png", content: hugePng() })]],
  ["data in front", "input-damaged", [body], { before: Buffer.from("PK\x03\x04hidden") }],
  ["data at the end", "input-damaged", [body], { after: Buffer.from("more") }],
  ["a hidden member", "input-damaged", [body, part({})], { between: craftedZip([part({})]).subarray(0, 60) }],
  ["a wrong number of members", "input-damaged", [body], { count: 2 }],
  ["a directory that is elsewhere", "input-damaged", [body], { directoryAt: 5 }],
  ["too many members", "input-too-complex", Array.from({ length: 10_001 }, (_, n) => part({ name: `${n}`, content: "", stored: true }))],
])("%s is %s", async (_, code, members, options) => {
  expect((await look(craftedZip(members, options))).problem?.code).toBe(code);
});

test.each([4_000, 40])("a member of %i kB whose packed bytes are garbage, or end early, is damaged", async (kilobytes) => {
  const noise = Buffer.concat(Array.from({ length: kilobytes / 20 }, () => pseudoRandom(25_000)));
  const whole = craftedZip([body, part({ name: "a.bin", content: noise })]);
  const garbage = Buffer.from(whole).fill(0xff, 3_000, 20_000);
  expect((await look(garbage)).problem?.code).toBe("input-damaged");
  const early = craftedZip([body, part({ name: "a.bin", content: noise, cutBytes: 500 })]);
  expect((await look(early)).problem?.code).toBe("input-damaged");
});

test("members that unpack to too much together are refused before they are unpacked", async () => {
  const noise = pseudoRandom(60_000);
  const members = Array.from({ length: 7 }, (_, n) => part({ name: `${n}`, content: noise, claims: { unpacked: 9_900_000 } }));
  expect((await look(craftedZip(members))).problem?.detail).toBe("It unpacks to more than a conversion may use.");
});

test("a bomb in many small members is one bomb", async () => {
  const members = Array.from({ length: 20 }, (_, n) => part({ name: `${n}`, content: Buffer.alloc(1_000_000) }));
  expect((await look(craftedZip(members))).problem?.code).toBe("input-too-complex");
});

test("documents in documents are refused below the third", async () => {
  expect((await look(nested(4))).problem?.code).toBe("input-too-complex");
});

test("the member is named, without its odd characters and no longer than a line", async () => {
  const { problem } = await look(craftedZip([body, part({ name: `../${"n".repeat(200)}\u202e<b>` })]));
  expect(problem?.detail).toMatch(/“…n+\?\?b\?”/);
  expect(problem?.detail?.length).toBeLessThan(140);
});

test("a bomb costs little time", async () => {
  const bomb = craftedZip([body, part({ content: Buffer.alloc(25_000_000), claims: { unpacked: 1_000 } })]);
  const before = process.cpuUsage();
  await look(bomb);
  expect(spentMs(before)).toBeLessThan(200);
});

describe("what a document carries is noted", () => {
  const external = '<Relationships><Relationship Id="r" TargetMode="External" Type="x/oleObject" Target="file:///x"/></Relationships>';
  const link = external.replace("oleObject", "hyperlink");
  const picture = (href: string) => `<d xmlns:xlink="x"><draw:image xlink:type="simple" xlink:href="${href}"/></d>`;
  test.each<[string, string | Buffer, Trait[]]>([
    ["word/vbaProject.bin", "x", ["macros"]],
    ["Basic/Standard/Module1.xml", "<m/>", ["macros"]],
    ["Basic/Standard/script-lb.xml", "<m/>", []],
    ["Scripts/python/a.py", "x", ["macros"]],
    ["word/_rels/document.xml.rels", external, ["external-references"]],
    ["word/_rels/document.xml.rels", link, []],
    ["content.xml", picture("http://example.org/a.png"), ["external-references"]],
    ["content.xml", picture("../a.png"), ["external-references"]],
    ["content.xml", picture("Pictures/a.png"), []],
    ["content.xml", '<d><text:a xlink:href="http://example.org/"/></d>', []],
    ["xl/worksheets/sheet1.xml", '<c><f>_xlfn.WEBSERVICE("http://example.org")</f></c>', ["external-references"]],
    ["content.xml", '<t f="of:=DDE(&quot;a&quot;)"/>', ["external-references"]],
    ["xl/worksheets/sheet1.xml", "<c><f>cmd|'/c calc'!A0</f></c>", ["external-references"]],
    ["content.xml", '<l xmlns:xlink="x"><e xlink:href="vnd.sun.star.script:Standard.M.Main"/></l>', ["macros"]],
    ["word/embeddings/a.docx", docx([["x"]]), ["embedded-objects"]],
    ["word/media/a.png", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)]), ["executables"]],
    ["word/media/a.png", Buffer.from("\x7fELF\x02\x01", "latin1"), ["executables"]],
    ["word/media/a.bin", zip({ "x.txt": "x" }), ["archives"]],
    ["word/media/a.png", png(2, 2), []],
  ])("%s (%#)", async (name, content, traits) => {
    expect(await look(craftedZip([body, { name, content }]))).toEqual({ traits });
  });
});

test("whatever happens to a document's bytes, the guard ends with a verdict or a problem, soon", async () => {
  const whole = docx([["x"], ["y"]]);
  const change = fc.record({ at: fc.nat(whole.length - 1), with: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(whole.length), async (changes, length) => {
      const bytes = Buffer.from(length % 4 === 0 ? whole.subarray(0, length) : whole);
      for (const { at, with: patch } of changes) bytes.set(patch.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      const before = process.cpuUsage();
      await look(bytes);
      expect(spentMs(before)).toBeLessThan(1_000);
    }),
    { numRuns: 200 },
  );
});

function hugePng(): Buffer {
  const bytes = png(2, 2);
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  return bytes;
}

/** Processor time, because others may hold the processor. */
function spentMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
