// Cancellation of what really runs: a LibreOffice that would spin for minutes, through the public path.
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Job } from "#contract/jobs.ts";
import { Usage } from "#contract/usage.ts";
import { r2 } from "#origin/storage/r2.ts";
import { call } from "#test/edge/support/client.ts";
import { boxProcess } from "#test/engine/support/processes.ts";
import { client } from "./support/client.ts";
import { type House, startHouse } from "./support/house.ts";

const toPdf = { operation: "office.to-pdf" };

let house: House;
beforeAll(async () => {
  house = await startHouse({ officeBoxes: 1 });
});
afterAll(() => house?.stop());

async function converting(id: string): Promise<void> {
  for (let job = await client(house).read(id); job.progress.stage !== "converting"; ) job = await client(house).read(id);
}

const ask = async (method: "POST" | "DELETE", path: string): Promise<Job> => Job.parse(await (await call(house.edge, method, path)).json());

/** The task folders in the workspaces of the only office box. */
const tasks = (): string[] =>
  house.boxes
    .pids("office")
    .flatMap((launcher) => readdirSync(`/proc/${boxProcess(launcher)}/root/work`).filter((name) => name.startsWith("task-")));

async function keysOf(account: string): Promise<string[]> {
  const { R2_ENDPOINT: endpoint, R2_ACCESS_KEY_ID: accessKeyId, R2_SECRET_ACCESS_KEY: secretAccessKey } = house.edge.signing;
  const { UPLOADS_BUCKET: uploads, RESULTS_BUCKET: results } = house.config;
  const objects = r2({ endpoint, accessKeyId, secretAccessKey, buckets: { uploads, results } });
  const lists = await Promise.all((["uploads", "results"] as const).map((bucket) => objects.list({ bucket, prefix: `${account}/` })));
  await objects.close();
  return lists.flat();
}

test("canceling a running conversion ends the engine and wipes its workspace: the only box takes the next document", async () => {
  const acme = client(house);
  const letter = await acme.uploadFixture("letter.docx");
  const { id } = await acme.start(await acme.uploadFixture("endless.docx"), toPdf);
  await converting(id);
  expect(tasks()).toHaveLength(1);

  const waiting = acme.read(id, 20);
  const behind = await acme.start(letter, toPdf);
  expect(await ask("POST", `/v1/jobs/${id}/cancel`)).toMatchObject({ state: "canceled" });
  expect(await waiting).toMatchObject({ state: "canceled", results: [] });

  // The box has one slot, and the endless document would hold it for the tier's ten minutes.
  expect(await acme.ended(behind.id)).toMatchObject({ state: "succeeded", attempt: 1 });
  expect(await acme.read(id)).toMatchObject({ state: "canceled", attempt: 1, results: [] });
  while (tasks().length > 0) await sleep(20);
  expect((await keysOf("acme")).filter((key) => key.includes(id))).toEqual([]);
  const { total } = Usage.parse(await (await acme.get("/v1/usage")).json());
  expect(total.conversions).toBe(1);
});

test("deleting a running job leaves no byte of it", async () => {
  const rival = client(house, "rival");
  const { id } = await rival.start(await rival.uploadFixture("endless.docx"), toPdf);
  for (let job = await rival.read(id); job.progress.stage !== "converting"; ) job = await rival.read(id);
  const answer = await call(house.edge, "DELETE", `/v1/jobs/${id}`, undefined, "rival");
  expect(Job.parse(await answer.json())).toMatchObject({ state: "canceled", expired: true });
  expect(await keysOf("rival")).toEqual([]);
  while (tasks().length > 0) await sleep(20);
});

test("an upload that is deleted through the edge is gone, and no job takes it", async () => {
  const acme = client(house);
  const upload = await acme.uploadFixture("letter.docx");
  expect((await call(house.edge, "DELETE", `/v1/uploads/${upload}`)).status).toBe(204);
  expect((await call(house.edge, "DELETE", `/v1/uploads/${upload}`)).status).toBe(404);
  await expect(acme.start(upload, toPdf)).rejects.toThrow("upload-not-found");
});

test("jobs are found through the edge", async () => {
  const response = await call(house.edge, "GET", "/v1/jobs?name=LETTER&state=succeeded&limit=1");
  const { data } = (await response.json()) as { data: unknown[] };
  expect(data.map((job) => Job.parse(job).inputs[0]?.filename)).toEqual(["letter.docx"]);
});
