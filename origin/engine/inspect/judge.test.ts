import { expect, test } from "vitest";
import { mediaTypeByName } from "#contract/media.ts";
import { judgeType } from "./judge.ts";
import type { Content } from "./real-content.ts";

const type = (extension: string) => {
  const found = mediaTypeByName(`a.${extension}`);
  if (!found) throw new Error(extension);
  return found;
};
const all = ["docx", "doc", "rtf", "txt", "html", "csv", "xlsx"].map((extension) => type(extension).mime);
const text: Content = { text: { charset: "utf-8", head: "", html: false } };
const page: Content = { text: { charset: "utf-8", head: "", html: true } };

test.each([
  ["docx", { type: type("docx") }, "docx", false],
  ["doc", { type: type("rtf") }, "rtf", true],
  ["txt", { type: type("rtf") }, "rtf", true],
  ["doc", page, "html", true],
  ["csv", text, "csv", false],
  ["txt", page, "txt", false],
  ["html", text, "html", false],
  ["docx", { container: "ooxml-encrypted", encrypted: true }, "docx", false],
  [undefined, { type: type("docx") }, "docx", false],
  [undefined, text, "txt", false],
  [undefined, page, "html", false],
] as const)("announced as %s with content %o is read as %s", (declared, content, expected, differs) => {
  expect(judgeType(declared && type(declared), content, all)).toEqual({ type: type(expected), differs });
});

test.each([
  ["docx", { type: type("png") }, "input-type-mismatch"],
  ["xlsx", { type: type("docx") }, "input-type-mismatch"],
  ["csv", { type: type("rtf") }, "input-type-mismatch"],
  ["docx", text, "input-type-mismatch"],
  ["txt", {}, "input-type-mismatch"],
  ["docx", { container: "zip" }, "input-type-mismatch"],
  ["docx", { container: "zip-damaged" }, "input-damaged"],
  [undefined, { container: "zip-damaged" }, "input-damaged"],
  ["txt", { container: "zip-damaged" }, "input-type-mismatch"],
  ["png", { type: type("png") }, "input-type-unsupported"],
  [undefined, {}, "input-type-unsupported"],
] as const)("announced as %s with content %o is %s", (declared, content, code) => {
  expect(() => judgeType(declared && type(declared), content, all)).toThrow(expect.objectContaining({ code }));
});
