import { expect, test } from "vitest";
import { pdf } from "#test/fixtures/pdf.ts";
import { plainPages } from "./plain-pages.ts";

const three = pdf(["one", "two", "three"]).toString("latin1");
const changed = (from: string | RegExp, to: string) => Buffer.from(three.replace(from, to), "latin1");

test.each([1, 3, 40])("%i pages are counted", (count) => {
  expect(plainPages(pdf(Array.from({ length: count }, (_, index) => `${index}`)))).toBe(count);
});

test.each([
  ["is cut", Buffer.from(three.slice(0, -40), "latin1")],
  ["lost a byte in the middle", Buffer.from(three.slice(0, 300) + three.slice(301), "latin1")],
  ["counts more pages than it has", changed("/Count 3", "/Count 4")],
  ["names a page twice", changed("8 0 R]", "6 0 R]")],
  ["has a page that is none", changed("/Type /Page /Parent 2 0 R", "/Type /Pag  /Parent 2 0 R")],
  ["has a page without content", changed("/Contents 5 0 R", "/Contnets 5 0 R")],
  ["has an older version in it", changed("/Root 1 0 R", "/Root 1 0 R /Prev 9")],
  ["is encrypted", changed("/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R")],
  ["has no catalog", changed("/Type /Catalog", "/Type /Catalug")],
  ["has a table of another form", changed("xref\n0 ", "xref\n1 ")],
  ["is empty", Buffer.alloc(0)],
])("a PDF that %s is left to qpdf", (_, bytes) => {
  expect(plainPages(bytes)).toBeUndefined();
});
