import { afterAll, beforeAll, expect, test } from "vitest";
import { crashing, startCrasher } from "#test/support/crasher.ts";
import { client } from "./support/client.ts";
import { type House, startHouse } from "./support/house.ts";

const toPdf = { operation: "office.to-pdf" };
const letters = 12;
/** Far above what a busy machine makes of it, and far below what waiting for boxes that are being replaced costs. */
const slowerMax = 10;

let house: House;
beforeAll(async () => {
  house = await startHouse({ officeBoxes: 3 });
});
afterAll(() => house?.stop());

/** One after the other; how long they took together. */
async function convertLetters(): Promise<number> {
  const acme = client(house);
  const upload = await acme.uploadFixture("letter.docx");
  const startedAt = performance.now();
  for (let index = 0; index < letters; index++) {
    const { id } = await acme.start(upload, toPdf);
    expect(await acme.ended(id)).toMatchObject({ state: "succeeded", attempt: 1 });
  }
  return performance.now() - startedAt;
}

test("other documents go on while one box spins and a document crashes LibreOffice in a loop", async () => {
  await convertLetters();
  const calmMs = await convertLetters();

  const rival = client(house, "rival");
  const spinning = await rival.start(await rival.uploadFixture("endless.docx"), toPdf);
  for (let job = spinning; job.progress.stage !== "converting"; ) job = await rival.read(spinning.id);
  const crasher = startCrasher(house.boxes.pids("office"), "odt");
  let poisoned = true;
  const loop = (async () => {
    for (let n = 0; poisoned; n++) {
      const { id } = await rival.start(await rival.upload("crash.odt", crashing(n)), toPdf);
      expect(await rival.ended(id)).toMatchObject({ problem: { code: "engine-crashed" } });
    }
  })();
  try {
    const before = crasher.crashes();
    const poisonedMs = await convertLetters();
    expect((await rival.read(spinning.id)).state).toBe("running");
    expect(poisonedMs / calmMs).toBeLessThan(slowerMax);
    while (crasher.crashes() < before + 4) await convertLetters();
  } finally {
    poisoned = false;
    await loop;
    crasher.stop();
  }
});
