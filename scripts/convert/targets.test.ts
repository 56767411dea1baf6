import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { targets } from "./targets.ts";

test("one result takes the file's name that was asked for", async () => {
  expect(await targets("/here", "/x/a.pdf", ["letter.pdf"])).toEqual(["/x/a.pdf"]);
});

test("several results for one file name are numbered", async () => {
  expect(await targets("/here", "/x/page.png", ["a-1.png", "a-2.png"])).toEqual(["/x/page-1.png", "/x/page-2.png"]);
});

test("results keep their names in a folder, and never leave it", async () => {
  expect(await targets("/here", tmpdir(), ["../../etc/passwd", "..", "a\\b.txt"])).toEqual([
    `${tmpdir()}/passwd`,
    `${tmpdir()}/result-2`,
    `${tmpdir()}/b.txt`,
  ]);
});
