import { expect, test } from "vitest";
import { client } from "./support/client.ts";

const acme = await client();
const toPdf = { operation: "office.to-pdf" };
const toText = { operation: "pdf.to-text" };

test.each([
  ["the EICAR file", "eicar.txt", toPdf, "input-infected"],
  ["a PNG named .docx", "image-as.docx", toPdf, "input-type-mismatch"],
  ["random bytes named .docx", "random.docx", toPdf, "input-type-mismatch"],
  ["a truncated docx", "truncated.docx", toPdf, "input-damaged"],
  ["a damaged PDF", "damaged.pdf", toText, "input-damaged"],
  ["a page beyond the end", "two-pages.pdf", { ...toText, options: { pages: "3" } }, "pages-outside"],
] as const)("%s fails by name and gives nothing", async (_, name, step, code) => {
  const job = await acme.convertFixture(name, step);
  expect(job).toMatchObject({ state: "failed", problem: { code, retry: "never" }, results: [] });
  expect((await acme.call("GET", `/v1/jobs/${job.id}/results/0`)).status).toBeGreaterThanOrEqual(404);
});

test("a password-protected document fails by name, with and without a password", async () => {
  expect((await acme.convertFixture("encrypted.docx", toPdf)).problem?.code).toMatch(/^(input-encrypted|encrypted-unsupported)$/);
  expect((await acme.convertFixture("encrypted.pdf", toText)).problem?.code).toBe("input-encrypted");
});
