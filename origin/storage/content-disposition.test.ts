import { expect, test } from "vitest";
import { contentDisposition } from "./content-disposition.ts";

test("a plain name is sent as it is, twice", () => {
  expect(contentDisposition("report.pdf")).toBe(`attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`);
});

test("other scripts and emoji survive in the extended name and not in the plain one", () => {
  const header = contentDisposition("año 🎉 (1).pdf");
  expect(header).toContain(`filename="a_o __ (1).pdf"`);
  expect(decodeURIComponent(header.split("UTF-8''")[1] ?? "")).toBe("año 🎉 (1).pdf");
});

test.each(['a"; filename="evil.exe', "line\r\nSet-Cookie: x=1", "back\\slash", "half \ud800 surrogate", "semi;colon", "per%22cent"])(
  "%j cannot leave its quotes or its line",
  (name) => {
    const header = contentDisposition(name);
    expect(header).toMatch(/^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9%._~!-]*$/);
  },
);
