import { chownSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { BoxTask } from "#contract/box.ts";
import { readyAgainWithinMs } from "#origin/engine/office/ready-again.ts";
import { fixture } from "#test/fixtures/make.ts";
import { codeOf, doneOf, testBox } from "./support/box.ts";
import { boxProcess, descendants, untilBusy } from "./support/processes.ts";

const box = await testBox({ OFFICE_DOCUMENTS_MAX: "30" });
const toPdf = { operation: "office.to-pdf" };
const inBox = (name: string) => descendants(box.box.child.pid ?? 0).filter((process) => process.name === name);
const workspace = () => readdirSync(`/proc/${boxProcess(box.box.child.pid ?? 0)}/root/work`);

const officePid = (): number => {
  const [office] = inBox("soffice.bin");
  if (!office) throw new Error("no LibreOffice runs");
  return office.pid;
};
const killAtWork = async () => {
  const pid = officePid();
  await untilBusy(pid);
  process.kill(pid, "SIGKILL");
};

beforeEach(async () => {
  await box.until(({ ready, slot }) => ready && slot === "free");
});

describe("a document that does not end", () => {
  test("is killed at the deadline, and the next one is converted", async () => {
    expect(codeOf(await box.convert("endless.docx", { ...toPdf, deadlineMs: 1_500 }))).toBe("deadline-exceeded");
    await box.until(({ ready }) => ready);
    expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
  });

  test("is killed in a tool too", async () => {
    expect(codeOf(await box.convert("twenty-pages.pdf", { operation: "pdf.to-images", options: { dpi: 600 }, deadlineMs: 700 }))).toBe(
      "deadline-exceeded",
    );
    expect(inBox("pdftoppm")).toEqual([]);
  });

  test("leaves no second LibreOffice behind", async () => {
    await box.convert("endless.docx", { ...toPdf, deadlineMs: 1_000 });
    await box.until(({ ready }) => ready);
    expect(inBox("soffice.bin")).toHaveLength(1);
  });
});

test("LibreOffice killed in mid-task is a crash of this task alone", async () => {
  const { office } = await box.health();
  const running = box.convert("endless.docx", toPdf);
  await killAtWork();
  expect(codeOf(await running)).toBe("engine-crashed");
  const after = await box.until(({ ready }) => ready);
  expect(after.office.starts).toBe(office.starts + 1);
  expect(after.office.replaced.crash).toBe((office.replaced.crash ?? 0) + 1);
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
});

describe("a task that ended LibreOffice keeps its slot until the next one is ready", () => {
  /** On a machine where the next one takes longer, it was at least waited for as long as a box does. */
  const expectWaited = async (slot: "busy" | "free", sinceMs: number) => {
    const waitedMs = performance.now() - sinceMs;
    const health = await box.health();
    expect(health.slot).toBe(slot);
    if (!health.ready) expect(waitedMs).toBeGreaterThanOrEqual(readyAgainWithinMs);
  };

  test("when it crashed", async () => {
    const task = await box.open();
    await box.put(task, await readFile(await fixture("endless.docx")));
    const running = box.run(task, { ...toPdf, filename: "endless.docx" });
    await killAtWork();
    const killedMs = performance.now();
    expect((await running).at(-1)).toMatchObject({ event: "problem", problem: { code: "engine-crashed" } });
    await expectWaited("busy", killedMs);
    await box.call("DELETE", `/tasks/${task}`);
  });

  test("when its caller left", async () => {
    const task = await box.open();
    await box.put(task, await readFile(await fixture("endless.docx")));
    const leaving = new AbortController();
    const left = box.run(task, { ...toPdf, filename: "endless.docx" }, leaving.signal).catch(() => "left");
    await sleep(500);
    leaving.abort();
    const leftMs = performance.now();
    await left;
    await box.call("DELETE", `/tasks/${task}`);
    await expectWaited("free", leftMs);
  });
});

test("UnoServer killed while idle is replaced before the next task", async () => {
  const { starts } = (await box.health()).office;
  process.kill(officePid(), "SIGKILL");
  await box.until(({ ready, office }) => ready && office.starts > starts);
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
});

test("while LibreOffice is away the box takes no task", async () => {
  process.kill(officePid(), "SIGKILL");
  await box.until(({ ready }) => !ready);
  const answer = await box.call("POST", "/tasks");
  expect(answer.status).toBe(503);
  expect(box.problemOf(answer.body).code).toBe("engine-unavailable");
});

test("a caller that leaves in mid-run frees the slot, and its work is killed", async () => {
  const bytes = await readFile(await fixture("endless.docx"));
  const task = await box.open();
  await box.put(task, bytes);
  const leaving = new AbortController();
  const left = box.run(task, { ...toPdf, filename: "endless.docx" }, leaving.signal).catch(() => "left");
  await sleep(500);
  leaving.abort();
  expect(await left).toBe("left");
  await box.until(({ slot, ready }) => slot === "free" && ready);
  expect(box.problemOf((await box.call("GET", `/tasks/${task}/results/0`)).body).code).toBe("task-not-found");
});

test("the slot is one, and its id the only key", async () => {
  const task = await box.open();
  const second = await box.call("POST", "/tasks");
  expect([second.status, box.problemOf(second.body).code]).toEqual([503, "box-busy"]);
  expect((await box.call("DELETE", `/tasks/${"A".repeat(43)}`)).status).toBe(404);
  expect((await box.call("DELETE", `/tasks/${task}`)).status).toBe(204);
  expect((await box.health()).slot).toBe("free");
});

test("nothing of a task stays in the workspace", async () => {
  for (const name of ["letter.docx", "truncated.docx", "twenty-pages.pdf"] as const) {
    await box.convert(name, { operation: name.endsWith("pdf") ? "pdf.to-images" : "office.to-pdf", options: {} });
  }
  expect(workspace()).toEqual(["office"]);
});

test("LibreOffices that are killed leave nothing behind, nor does what a task wrote beside its directory stay", async () => {
  const root = `/proc/${boxProcess(box.box.child.pid ?? 0)}/root`;
  const { uid, gid } = statSync(`${root}/work/office`);
  const counts: number[] = [];
  for (const round of [1, 2, 3]) {
    const running = box.convert("endless.docx", toPdf);
    await box.until(({ slot }) => slot === "busy");
    for (const file of [`${root}/work/left-${round}`, `${root}/tmp/left-${round}`]) {
      writeFileSync(file, "of a customer");
      chownSync(file, uid, gid); // in a folder like /tmp only its owner may remove it
    }
    await killAtWork();
    expect(codeOf(await running)).toBe("engine-crashed");
    await box.until(({ ready, slot }) => ready && slot === "free");
    expect(workspace()).toEqual(["office"]);
    expect(readdirSync(`${root}/tmp`)).toEqual([expect.stringMatching(/^OSL_PIPE_/)]);
    counts.push(readdirSync(`${root}/work`, { recursive: true }).length);
  }
  expect(Math.max(...counts)).toBe(counts[0]);
});

test("LibreOffice is replaced after its number of documents, and no task notices", async () => {
  const { starts } = (await box.health()).office;
  for (let index = 0; index < 35; index++) expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
  await box.until(({ office, ready }) => office.starts === starts + 1 && ready);
  const memory = readFileSync(`/proc/${inBox("soffice.bin")[0]?.pid}/status`, "utf8");
  expect(Number(/VmRSS:\s+(\d+)/.exec(memory)?.[1])).toBeLessThan(400_000);
});

test("a client that ends each task at the last byte keeps its connection", async () => {
  const bytes = await readFile(await fixture("two-pages.pdf"));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connections = new Set<unknown>();
  agent.on("free", (socket) => connections.add(socket));
  for (let index = 0; index < 20; index++) {
    const { task } = BoxTask.parse(JSON.parse(`${await box.over(agent, "POST", "/tasks")}`));
    await box.over(agent, "PUT", `/tasks/${task}/input`, bytes);
    const order = { filename: "a.pdf", content_type: "", steps: [{ operation: "pdf.to-text", options: {} }], deadline_ms: 10_000 };
    await box.over(agent, "POST", `/tasks/${task}/run`, JSON.stringify(order));
    expect(`${await box.over(agent, "GET", `/tasks/${task}/results/0`)}`).toContain("Page 2");
    await box.over(agent, "DELETE", `/tasks/${task}`);
  }
  expect(connections.size).toBe(1);
  agent.destroy();
});
