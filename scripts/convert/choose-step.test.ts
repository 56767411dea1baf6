import { expect, test } from "vitest";
import { describeOperations } from "#edge/operations.ts";
import { chooseStep } from "./choose-step.ts";

const operations = describeOperations();

test("the operation follows from the file's name and the wanted format", () => {
  expect(chooseStep(operations, { filename: "a.docx", to: "pdf", options: [] })).toEqual({ operation: "office.to-pdf", options: {} });
  expect(chooseStep(operations, { filename: "a.pdf", to: "txt", options: [] })).toEqual({ operation: "pdf.to-text", options: {} });
});

test("where one operation makes several formats, the format becomes its option", () => {
  expect(chooseStep(operations, { filename: "a.pdf", to: "jpg", pages: "2-3", options: ["dpi=72"] })).toEqual({
    operation: "pdf.to-images",
    options: { format: "jpeg", pages: "2-3", dpi: 72 },
  });
});

test("options keep the type that the operation asks for", () => {
  const { options } = chooseStep(operations, { filename: "a.odt", to: "pdf", options: ["pdfua=true", "password=123", "pdfa=2b"] });
  expect(options).toEqual({ pdfua: true, password: "123", pdfa: "2b" });
});

test("an impossible wish names what is possible", () => {
  expect(() => chooseStep(operations, { filename: "a.docx", to: "png", options: [] })).toThrow("It can be converted to: pdf.");
  expect(() => chooseStep(operations, { filename: "a.docx", to: "nonsense", options: [] })).toThrow('no format "nonsense"');
});
