// How a lane is shared out while one account floods it. The engine is a pause: what is measured is the dispatcher.
import { parseArgs } from "node:util";
import { openQueueHouse, type Passage } from "./queue-house.ts";
import { onStage, say } from "./stage.ts";
import { quantile, sum } from "./statistics.ts";
import { ms, percent, table, title } from "./table.ts";

const each = 20;
const usage = "usage: npm run bench -- fairness [--flood N] [--slots N] [--document MS]";

export async function fairness(argv: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: argv, options: { flood: text, slots: text, document: text } });
  const options = { flood: Number(values.flood ?? 5_000), slots: Number(values.slots ?? 3), documentMs: Number(values.document ?? 100) };
  if (!Object.values(options).every((value) => Number.isInteger(value) && value > 0)) throw new Error(usage);
  await onStage((stage) => measure(options, stage));
}

type Options = { flood: number; slots: number; documentMs: number };

async function measure({ flood, slots, documentMs }: Options, stage: Parameters<Parameters<typeof onStage>[0]>[0]): Promise<void> {
  const house = await openQueueHouse(stage, { slots, documentMs });
  const usual = { weight: 1, jobs_running_max: 100 };
  const flooder = await house.account("flooder", "pro", usual);
  const standard = await Promise.all(Array.from({ length: 8 }, (_, n) => house.account(`small-${n}`, "pro", usual)));
  const premium = await house.account("premium", "premium");

  say(`Queueing ${flood} documents of one account, and ${each} of each of ${standard.length} others …`);
  for (let n = 0; n < flood; n++) await house.create(flooder, { wake: false });
  const ends: Promise<void>[] = [];
  for (let n = 0; n < each; n++) for (const account of standard) ends.push((await house.create(account, { wake: false })).ended);

  house.wake();
  // One after another: its wait is then the lane's doing and not its own.
  for (let n = 0; n < each; n++) await (await house.create(premium)).ended;
  await Promise.all(ends);
  report([...house.passages.values()], { standard, flooder, premium, options: { flood, slots, documentMs } });
}

type Parties = { standard: string[]; flooder: string; premium: string; options: Options };

function report(passages: Passage[], { standard, flooder, premium, options }: Parties): void {
  const of = (account: string) => passages.filter((passage) => passage.account === account && passage.ended > 0);
  const doneAt = (account: string) => Math.max(...of(account).map(({ ended }) => ended));
  const begun = Math.min(...passages.filter(({ started }) => started > 0).map(({ started }) => started));
  // From then on somebody has nothing left to be served.
  const until = Math.min(...standard.map(doneAt));
  const served = (account: string) => of(account).filter(({ ended }) => ended <= until).length;
  const pace = (account: string) => each / (doneAt(account) - begun);
  const all = [flooder, ...standard];
  const waits = of(premium).map(({ created, started }) => Math.max(0, started - created) / options.documentMs);
  console.log(
    title(`Ten accounts, ${options.slots} slots, ${options.documentMs} ms a document (a pause), ${options.flood} of the flooder`),
  );
  console.log(
    table([
      [
        "Jain's index over the eight standard accounts",
        jain(standard.map(served)).toFixed(3),
        "documents ended until the first account was done",
      ],
      ["  by their pace", jain(standard.map(pace)).toFixed(3), `${each} documents by the time until the last ended`],
      [
        "  with premium's pace, the nine",
        jain([...standard, premium].map(pace)).toFixed(3),
        "premium is not meant to be even; it sent one after another",
      ],
      ["flooder's share of the standard class", percent(served(flooder) / sum(all.map(served))), `even is ${percent(1 / all.length)}`],
      [
        "premium's wait, p50 and p95",
        `${quantile(waits, 0.5).toFixed(2)}, ${quantile(waits, 0.95).toFixed(2)}`,
        "in times of one document, from its creation's answer to its start",
      ],
      [
        "a standard account's 20 documents",
        ms(Math.max(...standard.map(doneAt)) - begun),
        `alone they would take ${ms((each / options.slots) * options.documentMs)}`,
      ],
    ]),
  );
}

function jain(values: readonly number[]): number {
  return sum(values) ** 2 / (values.length * sum(values.map((value) => value ** 2)));
}
