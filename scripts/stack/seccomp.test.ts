import { describe, expect, test } from "vitest";
import { type Architecture, refused, seccompFilter } from "./seccomp.ts";

const architectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const allow = 0x7fff_0000;
const fail = (errno: number) => 0x0005_0000 | errno;

/** What the kernel does with a call: the filter's program, interpreted. */
function judge(filter: Buffer, call: { architecture: number; number: number; first?: number }): number {
  const data = new Map([
    [0, call.number],
    [4, call.architecture],
    [16, call.first ?? 0],
  ]);
  let loaded = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const [code, ifTrue, ifFalse] = [filter.readUInt16LE(at * 8), filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const value = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return value;
    if (code === 0x20) loaded = data.get(value) ?? Number.NaN;
    else at += (code === 0x15 ? loaded === value : code === 0x35 ? loaded >= value : (loaded & value) !== 0) ? ifTrue : ifFalse;
  }
  throw new Error("the program ends without an answer");
}

describe.each(Object.entries(architectures) as [Architecture, number][])("the filter of %s", (name, architecture) => {
  const filter = seccompFilter(name);
  const verdict = (number: number | undefined, first?: number) =>
    judge(filter, { architecture, number: number ?? -1, ...(first !== undefined && { first }) });

  test("fits into what the kernel loads", () => {
    expect(filter.length / 8).toBeLessThan(4096);
  });

  test("kills what comes by another architecture", () => {
    expect(judge(filter, { architecture: 0x4000_0003, number: 1 })).toBe(0x8000_0000);
  });

  test("refuses each call of the table, and allows reading and writing", () => {
    const always = Object.values(refused).filter((row) => !("when" in row));
    for (const row of always) if (name in row) expect(verdict(row[name as keyof typeof row] as number)).toBe(fail(row.errno));
    const plain = name === "x64" ? [0, 1, 9, 59, 231] : [63, 64, 222, 221, 94];
    for (const number of plain) expect(verdict(number)).toBe(allow);
  });

  test("threads and processes start, new namespaces do not", () => {
    expect(verdict(refused.clone[name], 0x003d_0f00)).toBe(allow);
    expect(verdict(refused.clone[name], 17)).toBe(allow);
    for (const flag of [0x0002_0000, 0x1000_0000, 0x4000_0000]) expect(verdict(refused.clone[name], flag | 17)).toBe(fail(1));
  });

  test("sockets are local ones", () => {
    for (const family of [1, 2]) expect(verdict(refused.socket[name], family)).toBe(allow);
    for (const family of [3, 10, 16, 17, 38, 40]) expect(verdict(refused.socket[name], family)).toBe(fail(97));
  });
});
