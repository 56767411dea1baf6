// What the queue itself costs: jobs that do nothing, through creation, dispatcher, lane and end; and through BullMQ alone.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { treeTime } from "./processor-time.ts";
import { openQueueHouse, type Passage, type QueueHouse } from "./queue-house.ts";
import { onStage, type Stage, say } from "./stage.ts";
import { quantile } from "./statistics.ts";
import { ms, rate, table, title } from "./table.ts";

const usage = "usage: npm run bench -- queue [--jobs N] [--slots N]";
const perSecond = 100;
const creators = 8;
const idleJobs = 200;

type Latency = { p50: number; p99: number };
/** Processor milliseconds: of this process, PostgreSQL, Redis. */
type Spent = [number, number, number];
type Figures = { idle: Latency; loaded: Latency; perSecond: number; spentIdle: Spent; spentFast: Spent };

export async function queue(argv: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: argv, options: { jobs: text, slots: text } });
  const [jobs, slots] = [Number(values.jobs ?? 1_000), Number(values.slots ?? 8)];
  if (!(Number.isInteger(jobs) && jobs >= 100 && Number.isInteger(slots) && slots > 0)) throw new Error(usage);
  await onStage(async (stage) => {
    const house = await openQueueHouse(stage, { slots, documentMs: 0 });
    const accounts = await Promise.all(Array.from({ length: creators }, (_, n) => house.account(`account-${n}`, "enterprise")));
    const pass = async (n: number) => (await house.create(accounts[n % creators] ?? "")).ended;
    for (let n = 0; n < 50; n++) await pass(n);
    const spent = (): Spent => [ownTime(), treeTime(house.pids.postgres), treeTime(house.pids.redis)];
    const ours = await figures(jobs, pass, () => latencies(house), spent);
    const hops = ours.hops;
    const raw = await rawBullMq(stage, house.redisUrl, { jobs, slots, spent });
    report(ours, raw, hops, { jobs, slots });
  });
}

function ownTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Idle, then at a steady rate, then as fast as it goes. */
async function figures(
  jobs: number,
  pass: (n: number) => Promise<void>,
  taken: () => Latency & { hops?: Hops },
  spent: () => Spent,
): Promise<Figures & { hops: Hops | undefined }> {
  const meter = () => {
    const before = spent();
    return (count: number) => spent().map((now, part) => (now - (before[part] ?? 0)) / count) as Spent;
  };
  taken();
  say("One at a time …");
  const idleMeter = meter();
  for (let n = 0; n < idleJobs; n++) await pass(n);
  const spentIdle = idleMeter(idleJobs);
  const { hops, ...idle } = taken();
  say(`${perSecond} a second …`);
  const flying: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < jobs; n++) {
    await sleep(Math.max(0, begun + (n * 1_000) / perSecond - performance.now()));
    flying.push(pass(n));
  }
  await Promise.all(flying);
  const { p50, p99 } = taken();
  say("As many as go …");
  const from = performance.now();
  const fastMeter = meter();
  await Promise.all(
    Array.from({ length: creators }, async (_, creator) => {
      const ends: Promise<void>[] = [];
      for (let n = creator; n < jobs; n += creators) {
        ends.push(pass(n));
        if (ends.length >= 16) await ends.shift();
      }
      await Promise.all(ends);
    }),
  );
  const perSecondDone = (jobs * 1_000) / (performance.now() - from);
  const spentFast = fastMeter(jobs);
  taken();
  return { idle, loaded: { p50, p99 }, perSecond: perSecondDone, spentIdle, spentFast, hops };
}

const hopNames = {
  ordered: "order",
  created: "created",
  chosen: "chosen",
  taken: "taken from Redis",
  started: "claimed",
  ended: "ended",
} as const;
type Hops = [string, number][];

/** From the creation's end to the start, of the jobs since it was asked last. */
function latencies({ passages }: QueueHouse): Latency & { hops?: Hops } {
  const done = [...passages.values()].filter(({ ended }) => ended > 0);
  passages.clear();
  if (done.length === 0) return { p50: Number.NaN, p99: Number.NaN };
  const waits = done.map(({ created, started }) => Math.max(0, started - created));
  const moments = Object.keys(hopNames) as Exclude<keyof Passage, "account">[];
  const hops = moments.slice(1).map((to, index): [string, number] => {
    const from = moments[index] ?? "ordered";
    return [
      `${hopNames[from]} → ${hopNames[to]}`,
      quantile(
        done.map((passage) => passage[to] - passage[from]),
        0.5,
      ),
    ];
  });
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), hops };
}

type Wanted = { jobs: number; slots: number; spent: () => Spent };

async function rawBullMq({ onStop }: Stage, url: string, { jobs, slots, spent }: Wanted): Promise<Figures> {
  const connections = [new Redis(url), new Redis(url, { maxRetriesPerRequest: null })] as const;
  onStop(() => connections.forEach((connection) => void connection.disconnect()));
  const queue = new Queue("raw", { connection: connections[0], defaultJobOptions: { removeOnComplete: true } });
  const added = new Map<string, { at: number; end(): void }>();
  let waits: number[] = [];
  const worker = new Worker(
    "raw",
    async ({ id = "" }) => {
      waits.push(performance.now() - (added.get(id)?.at ?? 0));
    },
    { connection: connections[1], concurrency: slots },
  );
  worker.on("completed", ({ id = "" }) => added.get(id)?.end());
  onStop(() => Promise.all([worker.close(true), queue.close()]));
  let drawn = 0;
  const pass = async (): Promise<void> => {
    const id = `raw-${drawn++}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    added.set(id, { at: performance.now(), end: resolve });
    await queue.add("job", {}, { jobId: id });
    await promise;
  };
  for (let n = 0; n < 50; n++) await pass();
  const taken = () => {
    const found = waits;
    waits = [];
    return found.length > 0 ? { p50: quantile(found, 0.5), p99: quantile(found, 0.99) } : { p50: Number.NaN, p99: Number.NaN };
  };
  return figures(jobs, pass, taken, spent);
}

function report(ours: Figures, raw: Figures, hops: Hops | undefined, { jobs, slots }: { jobs: number; slots: number }): void {
  const both = (of: (figures: Figures) => string) => [of(ours), of(raw)];
  const parts = (spent: Spent) => `${spent.map((each) => each.toFixed(1)).join(", ")} ms`;
  console.log(title(`${jobs} jobs that do nothing, ${slots} slots, ${creators} accounts; PostgreSQL and Redis on this machine`));
  console.log(
    table([
      ["", "the queue", "BullMQ alone"],
      ["jobs, as fast as they go", ...both((each) => rate(each.perSecond))],
      ["creation to start, idle: p50, p99", ...both(({ idle }) => `${ms(idle.p50)}, ${ms(idle.p99)}`)],
      [`creation to start at ${perSecond}/s: p50, p99`, ...both(({ loaded }) => `${ms(loaded.p50)}, ${ms(loaded.p99)}`)],
      ["processor time per job as fast as they go: this process, PostgreSQL, Redis", ...both(({ spentFast }) => parts(spentFast))],
      ["processor time per job, idle: the same", ...both(({ spentIdle }) => parts(spentIdle))],
    ]),
  );
  console.log(title("The hops when idle, p50"));
  console.log(table((hops ?? []).map(([name, took]) => [name, ms(took)])));
}
