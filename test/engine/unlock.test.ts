import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { BoxUnlocked } from "#contract/box.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";
import { password } from "#test/fixtures/recipes.ts";
import { testBox } from "./support/box.ts";

const box = await testBox();

async function unlocked(name: FixtureName, body: object): Promise<{ answer: unknown; type: string }> {
  const bytes = await readFile(await fixture(name)); // made on first use, which may take longer than a task may be silent
  const task = await box.open();
  await box.put(task, bytes);
  const { status, body: answer } = await box.call("POST", `/tasks/${task}/unlock`, JSON.stringify(body));
  const operation = name.endsWith(".pdf") ? "pdf.to-text" : "office.to-pdf";
  const last = (await box.run(task, { operation, filename: name })).at(-1);
  await box.call("DELETE", `/tasks/${task}`);
  return {
    answer: status === 200 ? BoxUnlocked.parse(JSON.parse(`${answer}`)).was_encrypted : box.problemOf(answer).code,
    type: last?.event === "done" ? last.content_type : last?.event === "problem" ? last.problem.code : "",
  };
}

test.each([
  ["encrypted.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["encrypted.doc", "application/msword"],
  ["encrypted.pdf", "application/pdf"],
] as const)("%s with its password is looked at anew, and converted", async (name, type) => {
  expect(await unlocked(name, { password })).toEqual({ answer: true, type });
});

test.each([
  ["encrypted.docx", {}, "input-encrypted"],
  ["encrypted.docx", { password: "another" }, "password-wrong"],
  ["encrypted.odt", { password }, "encrypted-unsupported"],
] as const)("%s with %o is %s, and no engine gets to see it", async (name, body, code) => {
  expect(await unlocked(name, body)).toEqual({ answer: code, type: "input-encrypted" });
});

test.each([
  ["two-pages.pdf", {}, 2],
  ["encrypted.pdf", { password }, 2],
  ["letter.docx", {}, undefined],
] as const)("of %s with %o the pages are told before any step: %s", async (name, body, pages) => {
  const bytes = await readFile(await fixture(name));
  const task = await box.open();
  await box.put(task, bytes);
  const { body: answer } = await box.call("POST", `/tasks/${task}/unlock`, JSON.stringify(body));
  await box.call("DELETE", `/tasks/${task}`);
  expect(BoxUnlocked.parse(JSON.parse(`${answer}`)).pages).toBe(pages);
});

test("a document that is not encrypted goes on as it is", async () => {
  expect((await unlocked("letter.docx", { password })).answer).toBe(false);
});
