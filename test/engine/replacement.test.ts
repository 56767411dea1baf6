// Every way in which UnoServer stops to serve, and what grows old: it is replaced, and another box goes on meanwhile.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { BoxTask } from "#contract/box.ts";
import { fixture } from "#test/fixtures/make.ts";
import { codeOf, doneOf, type TestBox, testBox } from "./support/box.ts";
import { descendants, untilBusy } from "./support/processes.ts";

const box = await testBox({}, ["office"]);
const other = await testBox({}, ["light"]);
const toPdf = { operation: "office.to-pdf" };
const pidOf = ({ box: { child } }: TestBox, name: RegExp) =>
  descendants(child.pid ?? 0).find((process) => name.test(process.name))?.pid ?? Number.NaN;
const isThere = (pid: number) => descendants(box.box.child.pid ?? 0).some((process) => process.pid === pid);
/** So long after its last answer it is asked again. */
const idleMs = 600;
const otherWorks = async () => doneOf(await other.convert("two-pages.pdf", { operation: "pdf.to-text" })).results.length;

/** A task in a box that replaces its LibreOffice again and again, and takes none meanwhile. */
async function openedBetween({ call }: TestBox): Promise<string> {
  for (;;) {
    const { status, body } = await call("POST", "/tasks");
    if (status === 201) return BoxTask.parse(JSON.parse(`${body}`)).task;
    await sleep(20);
  }
}

beforeEach(async () => {
  await box.until(({ ready, slot }) => ready && slot === "free");
});

describe.each([
  ["LibreOffice", /^soffice\.bin$/],
  ["UnoServer", /^python/],
])("%s, stopped", (_, name) => {
  test("while idle, is replaced before the next document, which is converted in the new one", async () => {
    const { starts, documents } = (await box.health()).office;
    const pid = pidOf(box, name);
    await sleep(idleMs);
    process.kill(pid, "SIGSTOP");
    const waiting = box.convert("letter.docx", toPdf);
    expect(await otherWorks()).toBe(1);
    expect(doneOf(await waiting).results).toHaveLength(1);
    expect(isThere(pid)).toBe(false);
    expect((await box.health()).office).toMatchObject({ starts: starts + 1, documents: documents + 1 });
  });

  test("under a document, is killed at the deadline and replaced", async () => {
    const pid = pidOf(box, name);
    const hung = box.convert("endless.docx", { ...toPdf, deadlineMs: 5_000 });
    await untilBusy(pidOf(box, /^soffice\.bin$/));
    process.kill(pid, "SIGSTOP");
    expect(codeOf(await hung)).toBe("deadline-exceeded");
    await box.until(({ ready }) => ready);
    expect(isThere(pid)).toBe(false);
    expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
  });
});

test("a deadline that comes before the replacement is kept", async () => {
  await sleep(idleMs);
  process.kill(pidOf(box, /^python/), "SIGSTOP");
  expect(codeOf(await box.convert("letter.docx", { ...toPdf, deadlineMs: 1_000 }))).toBe("deadline-exceeded");
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
});

test("LibreOffice that ended under an open task is replaced, and the task goes on", async () => {
  const task = await box.open();
  await box.put(task, await readFile(await fixture("letter.docx")));
  process.kill(pidOf(box, /^soffice\.bin$/), "SIGKILL");
  await box.until(({ ready }) => !ready);
  expect((await box.run(task, { ...toPdf, filename: "letter.docx" })).at(-1)?.event).toBe("done");
  await box.call("DELETE", `/tasks/${task}`);
});

test.each([
  ["LibreOffice", /^soffice\.bin$/],
  ["UnoServer", /^python/],
])("%s that ends of itself is replaced", async (_, name) => {
  const { starts } = (await box.health()).office;
  process.kill(pidOf(box, name), "SIGTERM");
  await box.until(({ office, ready }) => ready && office.starts === starts + 1);
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
});

describe("LibreOffice is replaced", () => {
  test("when it has grown", async () => {
    const grown = await testBox({ OFFICE_MEMORY_BYTES_MAX: "150000000" }, ["office"]);
    const { starts } = (await grown.health()).office;
    doneOf(await grown.convert("letter.docx", toPdf));
    const { office: after } = await grown.until(({ office, ready }) => ready && office.starts === starts + 1);
    expect(after.replaced.memory).toBe(1);
  });

  test("when it is old, but not under an open task", async () => {
    const old = await testBox({ OFFICE_AGE_MINUTES_MAX: "0.03" }, ["office"]);
    const { starts } = await old.until(({ ready, slot }) => ready && slot === "free").then(({ office }) => office);
    const task = await openedBetween(old);
    const begun = (await old.health()).office.starts;
    for (let index = 0; index < 10; index++) {
      await sleep(400);
      expect((await old.call("GET", `/tasks/${task}`)).status).toBe(204); // or it would end as one whose caller is gone
      expect((await old.health()).office.starts).toBe(begun);
    }
    await old.call("DELETE", `/tasks/${task}`);
    await old.until(({ office }) => office.starts > starts && Object.keys(office.replaced).join() === "age");
  });
});
