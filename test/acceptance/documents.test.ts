import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { pdfText } from "#test/engine/support/pdf-text.ts";
import { client, sandbox } from "./support/client.ts";

const acme = await client();
const toPdf = { operation: "office.to-pdf" };

describe("a document becomes a PDF with its text and pages", () => {
  test.each([
    ["letter.docx", 1, "Dear reader"],
    ["letter.doc", 1, "Dear reader"],
    ["letter.odt", 1, "Dear reader"],
    ["letter.rtf", 1, "Dear reader"],
    ["table.xlsx", 1, "Total"],
    ["cities.csv", 1, "Köln"],
    ["slides.pptx", 3, "Slide 3"],
    ["long.docx", 9, "Chapter 9"],
  ] as const)("%s: %i pages, with %j", async (name, pages, text) => {
    const job = await acme.convertFixture(name, toPdf);
    expect(job).toMatchObject({
      state: "succeeded",
      results: [{ filename: `${name.split(".")[0]}.pdf`, content_type: "application/pdf", pages }],
    });
    const pdf = Buffer.from(await (await acme.result(job)).arrayBuffer());
    expect(pdfText(pdf)).toContain(text);
    expect({ size: pdf.length, sha256: createHash("sha256").update(pdf).digest("hex") }).toMatchObject({
      size: job.results[0]?.size,
      sha256: job.results[0]?.sha256,
    });
  });
});

describe("a PDF of twenty pages becomes", () => {
  test("twenty images, one per page, in order", async () => {
    const job = await acme.convertFixture("twenty-pages.pdf", { operation: "pdf.to-images", options: { dpi: 36 } });
    expect(job.results).toHaveLength(20);
    expect([job.results[0]?.filename, job.results[19]?.filename]).toEqual(["twenty-pages-01.png", "twenty-pages-20.png"]);
    const image = Buffer.from(await (await acme.result(job, 19)).arrayBuffer());
    expect(image.subarray(1, 4).toString()).toBe("PNG");
  });

  test("one text with the text of every page", async () => {
    const job = await acme.convertFixture("twenty-pages.pdf", { operation: "pdf.to-text" });
    const text = await (await acme.result(job)).text();
    for (let page = 1; page <= 20; page++) expect(text).toContain(`Page ${page}`);
  });
});

test("a name with emoji is kept, and is safe in the header of the download", async () => {
  const job = await acme.convertFixture("letter.docx", toPdf, "Brief 🎉 „an“ mich.docx");
  expect(job.results[0]?.filename).toBe("Brief 🎉 „an“ mich.pdf");
  const disposition = (await acme.result(job)).headers.get("content-disposition") ?? "";
  expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''Brief%20%F0%9F%8E%89%20/);
});

test("the record of a job is complete", async () => {
  const { id } = await acme.start(await acme.uploadFixture("letter.docx"), toPdf);
  const job = await acme.ended(id);
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
  const ms = expect.any(Number);
  expect(job).toMatchObject({
    state: "succeeded",
    tier: "premium",
    attempt: 1,
    progress: { stage: "done", fraction: 1 },
    inputs: [{ filename: "letter.docx", sha256: digest }],
    steps: [{ operation: "office.to-pdf", options: { quality: 90 } }],
    results: [{ filename: "letter.pdf", sha256: digest, pages: 1 }],
    timings: { queued_ms: ms, fetched_ms: ms, scanned_ms: ms, converted_ms: ms, stored_ms: ms, total_ms: ms },
    scan: { verdict: "clean", scanner: expect.stringMatching(/^ClamAV \d/), signatures: expect.any(String) },
    engine: { sandbox, versions: expect.objectContaining({ libreoffice: expect.stringMatching(/\d/) }) },
  });
  expect(job.scan?.signatures === "test-only" || job.scan?.signatures_date !== undefined).toBe(true);
  expect(job.started_at && job.finished_at && job.created_at <= job.started_at && job.started_at <= job.finished_at).toBe(true);
});

test("a password is neither returned nor kept", async () => {
  const job = await acme.convertFixture("letter.docx", { ...toPdf, options: { password: "open sesame" } });
  expect(JSON.stringify(job)).not.toContain("sesame");
});
