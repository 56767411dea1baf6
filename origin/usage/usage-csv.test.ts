import fc from "fast-check";
import { expect, test } from "vitest";
import { csvField, usageCsv } from "./usage-csv.ts";

const row = (changes: object) => ({ conversions: 1, input_bytes: 2, pages: 3, ocr_pages: 0, ...changes });

test("a table has its names first and lines that end as RFC 4180 says", () => {
  const usage = { livemode: true, from: "2026-11-01", to: "2026-11-02", data: [row({ day: "2026-11-01" })], total: row({}) };
  expect(usageCsv(usage, "day")).toBe("day,conversions,input_bytes,pages,ocr_pages\r\n2026-11-01,1,2,3,0\r\n");
});

test("work without a key has an empty field", () => {
  const usage = { livemode: true, from: "2026-11-01", to: "2026-11-02", data: [row({ key: null })], total: row({}) };
  expect(usageCsv(usage, "key")).toContain("\r\n,1,2,3,0\r\n");
});

test("no text becomes a formula, ends its field, or is lost", () => {
  const read = (field: string) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
  const texts = fc.string({ unit: fc.oneof(fc.constantFrom("=", "+", "-", "@", '"', ",", "\r", "\n", "\t", "a"), fc.string()) });
  fc.assert(
    fc.property(texts, (text) => {
      const field = csvField(text);
      const value = read(field);
      expect(value).not.toMatch(/^[=+\-@\t\r\n]/);
      expect(value === text || value === `'${text}`).toBe(true);
      if (!field.startsWith('"')) expect(field).not.toMatch(/[",\r\n]/);
      else expect(field.slice(1, -1).replaceAll('""', "")).not.toContain('"');
    }),
  );
});
