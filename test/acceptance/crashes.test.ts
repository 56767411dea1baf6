import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { pdfText } from "#test/engine/support/pdf-text.ts";
import { docx } from "#test/fixtures/documents.ts";
import { client } from "./support/client.ts";
import { busyBoxesToKill, workersToKill } from "./support/kill.ts";

const acme = await client();
const toPdf = { operation: "office.to-pdf" };
const chapters = 60;
/** Takes LibreOffice some seconds. */
const slow = docx(
  Array.from({ length: chapters }, (_, chapter) => [
    `Chapter ${chapter + 1}`,
    ...Array.from({ length: 60 }, () => "The quick brown fox jumps over the lazy dog. ".repeat(5)),
  ]),
);

async function startConverting(): Promise<string> {
  const { id } = await acme.start(await acme.upload("slow.docx", new Uint8Array(slow)), toPdf);
  for (let job = await acme.read(id); job?.progress.stage !== "converting"; job = await acme.read(id)) {
    if (job?.state === "succeeded") throw new Error("it was converted before anything could be killed");
    await sleep(10);
  }
  return id;
}

async function expectOnce(id: string): Promise<void> {
  const job = await acme.ended(id);
  expect(job).toMatchObject({ state: "succeeded", results: [{ filename: "slow.pdf" }] });
  // More when the boxes take their time to come back: then it was handed back once more, to wait for one.
  expect(job.attempt).toBeGreaterThanOrEqual(2);
  expect(job.results).toHaveLength(1);
  expect(pdfText(Buffer.from(await (await acme.result(job)).arrayBuffer()))).toContain(`Chapter ${chapters}`);
  // A late end of the first attempt must change nothing.
  await sleep(3_000);
  expect(await acme.read(id)).toEqual(job);
}

test("a worker killed with -9 in mid-conversion: the job finishes, once", async () => {
  const kill = await workersToKill();
  const id = await startConverting();
  await kill();
  await expectOnce(id);
});

test("an engine box killed in mid-conversion: the job finishes, once", async () => {
  const kill = await busyBoxesToKill();
  const id = await startConverting();
  await kill();
  await expectOnce(id);
});
