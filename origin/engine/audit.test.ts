import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { audit, claimsHold } from "./audit.ts";

const folder = mkdtempSync(join(tmpdir(), "audit-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: string | Buffer) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const glance = async () => ({ code: 0, signal: null, stdout: "2\n", stderr: "", truncated: false });
const parts = { toolbox: { glance }, pagesOf: new Map(), resultBytesMax: 1_000 };
const pdf = { path: file("a.pdf", "%PDF-"), filename: "a.pdf", type: "application/pdf" };

const picture = {
  path: file(
    "pixel.png",
    await sharp({ create: { width: 1, height: 1, channels: 3, background: "white" } })
      .png()
      .toBuffer(),
  ),
  filename: "a.png",
  type: "image/png",
};

test("text with all of its pages and an image of its page's size pass", async () => {
  const text = { path: file("e.txt", "one\ftwo\f"), filename: "e.txt", type: "text/plain", claims: { pages: 2 } };
  await expect(audit([text, { ...picture, claims: { pixels: { width: 2, height: 1 } } }], parts)).resolves.toHaveLength(2);
});

test("the pages of a PDF are counted and told", async () => {
  expect(await audit([{ ...pdf, claims: { pages: 2 } }], parts)).toEqual([
    { filename: "a.pdf", content_type: "application/pdf", size: 5, pages: 2 },
  ]);
});

test.each([
  ["a PDF with another number of pages", { ...pdf, claims: { pages: 3 } }],
  ["a PDF that does not say it is PDF/A", { ...pdf, claims: { pdfa: "2b" } }],
  ["a missing file", { ...pdf, path: join(folder, "none"), claims: {} }],
  ["text that is not UTF-8", { path: file("a.txt", Buffer.from([0x41, 0xff])), filename: "a.txt", type: "text/plain", claims: {} }],
  ["text that ends within a character", { path: file("b.txt", Buffer.from([0xc3])), filename: "b.txt", type: "text/plain", claims: {} }],
  ["text of fewer pages", { path: file("d.txt", "one\f"), filename: "d.txt", type: "text/plain", claims: { pages: 2 } }],
  ["an image of another size than its page", { ...picture, claims: { pixels: { width: 100, height: 140 } } }],
  ["an image that is none", { path: file("a.png", "no"), filename: "a.png", type: "image/png", claims: {} }],
])("%s is refused", async (_, result) => {
  await expect(audit([result], parts)).rejects.toMatchObject({ code: "result-invalid" });
});

test("results that are too large together are refused", async () => {
  const text = { path: file("c.txt", "x".repeat(600)), filename: "c.txt", type: "text/plain", claims: {} };
  await expect(audit([text, text], parts)).rejects.toMatchObject({ code: "result-too-large" });
});

test("PDF/A and PDF/UA are claimed in the metadata, as elements or attributes", () => {
  const elements =
    "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance> /OutputIntents [1 0 R] <pdfuaid:part>1</pdfuaid:part>";
  expect(claimsHold(elements, { pdfa: "2b", pdfua: true })).toBe(true);
  expect(claimsHold('pdfaid:part="3" pdfaid:conformance="B" /OutputIntents', { pdfa: "3b" })).toBe(true);
  expect(claimsHold(elements, { pdfa: "3b" })).toBe(false);
  expect(claimsHold(elements.replace("/OutputIntents", ""), { pdfa: "2b" })).toBe(false);
});
