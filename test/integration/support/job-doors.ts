// The doors of jobs, uploads and the quarantine on a real database and a real object store; the test is the worker.
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { Job } from "#contract/jobs.ts";
import { uploadKey } from "#contract/uploads.ts";
import { type JobRow, jobs } from "#origin/db/schema.ts";
import { assertedApp } from "#origin/http/app.ts";
import { adminJobDoors } from "#origin/http/doors/admin-jobs.ts";
import { jobDoors } from "#origin/http/doors/jobs.ts";
import { quarantineDoors } from "#origin/http/doors/quarantine.ts";
import { uploadDoors } from "#origin/http/doors/uploads.ts";
import type { Attempt } from "#origin/jobs/store.ts";
import { openLog } from "#origin/log.ts";
import { r2 } from "#origin/storage/r2.ts";
import type { RunningEdge } from "#test/edge/support/start-edge.ts";
import { asserted } from "./assert.ts";
import { type BookKind, drawn, type OrderChanges, openBooks, optionsKey, orderOf, principalOf } from "./books.ts";

const buckets = { uploads: "trustyconvert-uploads", results: "trustyconvert-results" };

type JobChanges = OrderChanges & { principal?: Partial<Principal> };
export type JobHouse = Awaited<ReturnType<typeof openJobHouse>>;

export async function openJobHouse(kind: BookKind, edge: RunningEdge) {
  const { R2_ENDPOINT: endpoint, R2_ACCESS_KEY_ID: accessKeyId, R2_SECRET_ACCESS_KEY: secretAccessKey } = edge.signing;
  const store = (names: typeof buckets) => r2({ endpoint, accessKeyId, secretAccessKey, buckets: names });
  const objects = store(buckets);
  // Only clients write uploads; here the results' writer does, into the other bucket.
  const uploads = store({ uploads: buckets.results, results: buckets.uploads });
  const away = r2({ endpoint: "http://127.0.0.1:9", accessKeyId, secretAccessKey, buckets });
  const books = await openBooks(kind);
  const { db } = books;
  const ends: string[] = [];
  const woken: string[] = [];

  const doors = (store: typeof objects) => {
    const log = openLog(process.env.TEST_LOG_LEVEL ?? "silent", "test");
    const needs = { db, log, health: async () => ({ status: "ok" as const }), edgeKeys: [Buffer.from(edge.edgeKey)], noteKeyUse: () => {} };
    const app = assertedApp(needs);
    const createJob = { db, optionsKey, lanes: books.lanes, wake: (lane: string) => void woken.push(lane) };
    const getJob = { store: books.store, place: books.lanes.place.bind(null, db), ended: { wait: async () => {} } };
    const announceEnd = (id: string) => void ends.push(id);
    jobDoors(app, { createJob, getJob, objects: store, announceEnd, jobEnded: () => {}, stopping: new AbortController().signal });
    uploadDoors(app, { db, objects: store });
    adminJobDoors(app, { db, optionsKey, createJob });
    quarantineDoors(app, { db });
    return asserted({ edgeKey: edge.edgeKey, fetch: (request) => app.fetch(request) });
  };

  async function put(target: typeof objects, key: string): Promise<void> {
    const bytes = Buffer.from(`bytes of ${key}`);
    const object = { bucket: "results" as const, key, contentType: "text/plain", contentDisposition: "inline", sizeBytes: bytes.length };
    await target.write(object, Readable.from([bytes]), AbortSignal.timeout(60_000));
  }

  const house = {
    ...books,
    objects,
    ends,
    woken,
    call: doors(objects),
    /** The same doors while the object store is away. */
    callWithoutStorage: doors(away),
    putUpload: (account: string, upload: string = drawn("upl")) => put(uploads, uploadKey(account, upload)).then(() => upload),
    putResult: (key: string) => put(objects, key),
    /** Every key of the account, bucket by bucket. */
    async keysOf(account: string): Promise<string[]> {
      const lists = (["uploads", "results"] as const).map((bucket) => objects.list({ bucket, prefix: `${account}/` }));
      return (await Promise.all(lists)).flat();
    },
    /** A job on an upload that is there. */
    async job(account: string, changes: JobChanges = {}): Promise<Job> {
      const { principal, ...order } = changes;
      const upload = order.upload ?? (await house.putUpload(account));
      const answer = await house.call(principalOf(account, principal), "POST", "/v1/jobs", orderOf(account, { ...order, upload }));
      if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
      return Job.parse(await answer.json());
    },
    /** Runs the job to its end, with a result in the bucket when it succeeds. */
    async ended(account: string, state: "succeeded" | "failed", changes: JobChanges = {}): Promise<JobRow> {
      const { id } = await house.job(account, changes);
      const attempt = await books.running(id);
      await house.end(attempt, state, account);
      return house.row(id);
    },
    async end({ id, attempt }: Attempt, state: "succeeded" | "failed", account: string): Promise<boolean> {
      const key = `${account}/${id}/${attempt}/0`;
      const facts = { filename: "a.txt", content_type: "text/plain", size: 1, sha256: "a".repeat(64), key };
      const problem = { type: "urn:x", code: "conversion-failed" as const, title: "No", status: 422, retry: "never" as const };
      if (state === "succeeded") await house.putResult(key);
      const outcome = state === "succeeded" ? { results: [facts] } : { problem };
      return books.store.leaveRunning({ id, attempt }, { state, finishedAt: new Date(), ...outcome });
    },
    async row(id: string): Promise<JobRow> {
      const [row] = await db.select().from(jobs).where(eq(jobs.id, id));
      if (!row) throw new Error(`no row of ${id}`);
      return row;
    },
    async close() {
      await Promise.all([objects.close(), uploads.close(), away.close()]);
      await books.stop();
    },
  };
  return house;
}
