// Five accounts of several tiers that convert documents at a steady pace, until they are told to end.
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "#contract/jobs.ts";
import type { ProblemCode } from "#contract/problems.ts";
import type { LimitOverrides, TierName } from "#contract/tiers.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { unhurried } from "#test/support/unhurried.ts";
import type { Answers } from "./answers.ts";
import { type ChaosClient, openClient } from "./client.ts";
import { type ChaosDocument, documentOf } from "./documents.ts";
import type { System } from "./system.ts";

/** A job that the service has accepted, and what its client saw of it. */
export type Accepted = {
  id: string;
  account: string;
  filename: string;
  refused?: ProblemCode;
  end?: Job["state"];
  /** Of the first result, as it was fetched. */
  digest?: string;
  deleted?: true;
};

export const people: readonly { account: string; tier: TierName; limits?: LimitOverrides }[] = [
  { account: "fay", tier: "free", limits: { jobs_running_max: 2, jobs_queued_max: 100 } },
  { account: "pat", tier: "pro" },
  { account: "prue", tier: "premium" },
  { account: "ed", tier: "enterprise" },
  // its files go as soon as they may
  { account: "bea", tier: "pro", limits: { retention_hours: 0 } },
];
/** The owner deletes every so manieth of the jobs that succeeded. */
const deletedOneIn = 7;
const underWayMax = 24;

export async function startFlow(system: System, { everyMs, answers }: { everyMs: number; answers: Answers }) {
  const accepted: Accepted[] = [];
  const faults: string[] = [];
  const clients = await Promise.all(
    people.map(async ({ account, tier, limits }) => {
      const { key } = await localKey(system.local, { account, tier, minutes: 180, limits: { ...unhurried, ...limits } });
      return { account, client: openClient({ address: system.address, token: key, answers }) };
    }),
  );
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let stopped = false;

  async function convert(n: number): Promise<void> {
    const who = clients[n % clients.length];
    if (!who) return;
    const document = await documentOf(n);
    await conversation(who, document, n % deletedOneIn === 0).catch((error: unknown) => {
      faults.push(`${who.account}'s ${document.filename}: ${error instanceof Error ? error.message : error}`);
    });
  }

  async function conversation(
    { account, client }: { account: string; client: ChaosClient },
    document: ChaosDocument,
    deletes: boolean,
  ): Promise<Accepted> {
    const upload = await client.upload(document);
    const id = await client.start(upload, document.step);
    const job: Accepted = { id, account, filename: document.filename, ...(document.refused && { refused: document.refused }) };
    accepted.push(job);
    const record = await client.ended(id);
    job.end = record.state;
    if (record.state !== "succeeded") return job;
    job.digest = await client.digest(record);
    if (deletes) {
      await client.remove(id);
      job.deleted = true;
    }
    return job;
  }

  const sending = (async () => {
    for (let n = 0; !stopped; n++) {
      while (underWay.size >= underWayMax) await Promise.race(underWay);
      const one: Promise<void> = convert(n).finally(() => underWay.delete(one));
      underWay.add(one);
      sent++;
      await sleep(everyMs);
    }
  })();

  return {
    accepted,
    faults,
    sent: () => sent,
    /** One more of the first account that may, beside the pace. */
    also: (document: ChaosDocument) => conversation(clients[2] as (typeof clients)[number], document, false),
    /** Sends no more, and waits for what is under way, until then at most. */
    async end(until: number): Promise<void> {
      stopped = true;
      await sending;
      await Promise.race([Promise.all(underWay), sleep(until - Date.now(), undefined, { ref: false })]);
    },
    /** At once, whatever is under way. */
    async close(): Promise<void> {
      stopped = true;
      await Promise.all(clients.map(({ client }) => client.close()));
    },
  };
}
export type Flow = Awaited<ReturnType<typeof startFlow>>;
