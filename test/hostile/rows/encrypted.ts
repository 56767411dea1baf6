// Encrypted files without, with the wrong, and with the right password.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { password } from "#test/fixtures/recipes.ts";
import { type Facts, type Row, toImages, toPdf, toText } from "../row.ts";

/** Planted where the wrong password goes: nothing may hold it afterwards. */
export const wrongPassword = "wrong-sesame-canary-5d1f";

const office: readonly (readonly [FixtureName, string])[] = [
  ["encrypted.docx", "Dear reader"],
  ["encrypted.xlsx", "Total"],
  ["encrypted.pptx", "Slide 2"],
  ["encrypted.doc", "Dear reader"],
  ["encrypted.xls", "Total"],
  ["encrypted.ppt", "Slide 2"],
];

function three(filename: FixtureName, step: typeof toPdf | typeof toText | typeof toImages, facts: Facts): Row[] {
  const file = async () => readFile(await fixture(filename));
  const common = { filename, file, ...step };
  const name = `${filename} by ${step.operation}`;
  return [
    { ...common, title: `${name}, no password`, refused: ["input-encrypted"] },
    { ...common, title: `${name}, wrong password`, options: { password: wrongPassword }, refused: ["password-wrong"] },
    { ...common, title: `${name}, right password`, options: { password }, succeeded: facts },
  ];
}

function qpdfEncrypted(argv: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    writeFileSync(join(folder, "plain.pdf"), pdf(["Page 1", "Page 2"]));
    execFileSync("qpdf", ["--allow-weak-crypto", "--encrypt", ...argv, "--", join(folder, "plain.pdf"), join(folder, "locked.pdf")]);
    return readFileSync(join(folder, "locked.pdf"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const odt = async () => readFile(await fixture("encrypted.odt"));

export const encrypted: readonly Row[] = [
  ...office.flatMap(([name, contains]) => three(name, toPdf, { contains })),
  ...three("encrypted.pdf", toText, { contains: "Page 2" }),
  ...three("encrypted.pdf", toImages, { results: 2 }),
  { title: "encrypted.odt, no password", filename: "encrypted.odt", file: odt, ...toPdf, refused: ["input-encrypted"] },
  {
    title: "encrypted.odt, wrong password",
    filename: "encrypted.odt",
    file: odt,
    ...toPdf,
    options: { password: wrongPassword },
    refused: ["encrypted-unsupported", "password-wrong"],
    because: "no kept library reads encrypted OpenDocument yet",
  },
  {
    title: "encrypted.odt, right password",
    filename: "encrypted.odt",
    file: odt,
    ...toPdf,
    options: { password },
    refused: ["encrypted-unsupported"],
    succeeded: { contains: "Dear reader" },
    because: "no kept library reads encrypted OpenDocument yet",
  },
  {
    title: "a PDF with an owner's password only",
    filename: "owner.pdf",
    file: () => qpdfEncrypted(["", "the owner's", "256"]),
    ...toText,
    succeeded: { contains: "Page 2" },
  },
  {
    title: "a PDF encrypted with RC4 of 40 bits, right password",
    filename: "rc4.pdf",
    file: () => qpdfEncrypted([password, "owner", "40"]),
    ...toText,
    options: { password },
    succeeded: { contains: "Page 1" },
  },
  {
    title: "a PDF encrypted with RC4 of 40 bits, no password",
    filename: "rc4.pdf",
    file: () => qpdfEncrypted([password, "owner", "40"]),
    ...toText,
    refused: ["input-encrypted"],
  },
  {
    title: "a password for a file that needs none",
    filename: "letter.docx",
    file: async () => readFile(await fixture("letter.docx")),
    ...toPdf,
    options: { password: wrongPassword },
    succeeded: { contains: "Dear reader" },
  },
];
