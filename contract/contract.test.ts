import fc from "fast-check";
import { expect, test } from "vitest";
import { newId, UploadId } from "./ids.ts";
import { isFinal, JobRequest, jobMoves, jobStates } from "./jobs.ts";
import { declaredType, mediaTypeOf, mediaTypes } from "./media.ts";
import { operations } from "./operations/index.gen.ts";
import { parseRequest } from "./parse.ts";
import { Problem, problemBody, problemCodes, problems } from "./problems.ts";
import { Filename } from "./uploads.ts";

const upload = `upl_${"a".repeat(26)}`;
const request = (step: unknown) => ({ inputs: [{ upload }], steps: [step] });
const codeOf = (value: unknown): string => {
  try {
    parseRequest(JobRequest, value);
    return "accepted";
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
};

test("every row of the problem table makes RFC 9457 problem details", () => {
  for (const code of problemCodes) {
    expect(problemBody(new Problem(code, "why"))).toMatchObject({
      code,
      status: problems[code].status,
      title: problems[code].title,
      detail: "why",
    });
  }
});

test("a private cause is never in the body", () => {
  expect(JSON.stringify(problemBody(new Problem("internal", undefined, { cause: new Error("secret path") })))).not.toContain("secret path");
});

test.each([
  [{ operation: "pdf.to-text" }, "accepted"],
  [{ operation: "pdf.to-nothing" }, "operation-unknown"],
  [{}, "operation-unknown"],
  [{ operation: "pdf.to-text", options: { pages: "5-2" } }, "options-invalid"],
  [{ operation: "pdf.to-text", options: { layuot: "reading" } }, "options-invalid"],
  [{ operation: "pdf.to-images", options: { dpi: 5_000 } }, "options-invalid"],
  [{ operation: "pdf.to-text", extra: 1 }, "request-invalid"],
])("the step %j is %s", (step, code) => {
  expect(codeOf(request(step))).toBe(code);
});

test.each([null, [], "x", {}, { inputs: [], steps: [] }, { inputs: [{ upload: "../x" }], steps: [{ operation: "pdf.to-text" }] }])(
  "the body %j does not fit",
  (body) => {
    expect(codeOf(body)).toBe("request-invalid");
  },
);

test("ids are as long as their schema says, and differ", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
      expect(UploadId.safeParse(newId("upl", random)).success).toBe(true);
    }),
  );
  expect(newId("upl", new Uint8Array(16))).not.toBe(newId("upl", new Uint8Array(16).fill(1)));
});

test.each(["../x", "a/b", "a\\b", "..", ".", "", "a\u0000b", "line\nbreak", "\u202egnp.exe", "x".repeat(256)])(
  "the name %j is refused",
  (name) => {
    expect(Filename.safeParse(name).success).toBe(false);
  },
);

test.each(["a.docx", "résumé 🎉.pdf", "-rf", "CON", "x".repeat(255)])("the name %j is fine", (name) => {
  expect(Filename.safeParse(name).success).toBe(true);
});

test("final states have no way out, and every move leads to a state", () => {
  for (const state of jobStates) for (const next of jobMoves[state]) expect(jobStates).toContain(next);
  expect(jobStates.filter(isFinal)).toEqual(["succeeded", "failed", "canceled"]);
});

test("every type that an operation accepts or makes is in the table, and no extension names two", () => {
  for (const { accepts, produces } of operations) for (const mime of [...accepts, ...produces]) expect(mediaTypeOf(mime)?.mime).toBe(mime);
  const extensions = mediaTypes.flatMap((type) => type.extensions);
  expect(new Set(extensions).size).toBe(extensions.length);
});

test.each([
  ["a.docx", "application/octet-stream", "docx"],
  ["a.DOCX", "text/plain", "docx"],
  ["a", "text/csv; charset=utf-8", "csv"],
  ["a.unknown", "TEXT/RTF", "rtf"],
  ["a.unknown", "application/octet-stream", undefined],
])("%s sent as %s is announced as %s", (filename, contentType, extension) => {
  expect(declaredType(filename, contentType)?.extensions[0]).toBe(extension);
});
