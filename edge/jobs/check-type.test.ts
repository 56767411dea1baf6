import { expect, test } from "vitest";
import { operationOf } from "#contract/operations.ts";
import { checkType } from "./check-type.ts";

const octets = "application/octet-stream";

test.each([
  ["pdf.to-text", "a.pdf", octets],
  ["pdf.to-text", "a.pdf", "text/html"],
  ["pdf.to-text", "mystery", octets],
  ["pdf.to-text", "mystery.unknown", "application/pdf"],
  ["office.to-pdf", "a.docx", octets],
  ["office.to-pdf", "a.log", octets],
])("%s may try %s (%s)", (operation, filename, contentType) => {
  expect(() => checkType(operationOf(operation), filename, contentType)).not.toThrow();
});

test.each([
  ["pdf.to-text", "a.docx", octets],
  ["pdf.to-text", "a.docx", "application/pdf"],
  ["pdf.to-images", "mystery", "image/png"],
  ["office.to-pdf", "a.png", octets],
])("%s refuses %s (%s) and says briefly what it takes", (operation, filename, contentType) => {
  expect(() => checkType(operationOf(operation), filename, contentType)).toThrow(
    expect.objectContaining({ code: "input-type-unsupported", detail: expect.stringMatching(/^.{20,200}$/) }),
  );
});

test("what is refused is named as one says it", () => {
  const refusal = (filename: string) => () => checkType(operationOf("pdf.to-text"), filename, octets);
  expect(refusal("a.xlsx")).toThrow(expect.objectContaining({ detail: expect.stringContaining("an Excel workbook") }));
  expect(refusal("a.docx")).toThrow(expect.objectContaining({ detail: expect.stringContaining("a Word document") }));
  expect(refusal("a.html")).toThrow(expect.objectContaining({ detail: expect.stringContaining("an HTML page") }));
});
