// Deletes what has had its time: in every process that works, at its own pace.
import type { Database } from "../db/database.ts";
import { quarantineStore } from "../quarantine/store.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { deleteDueFiles } from "./delete-due-files.ts";
import { orphanSweep } from "./delete-orphans.ts";

type Needs = { db: Database; objects: ObjectStore; onError(error: unknown): void };

const dueEveryMs = 5_000;
const orphansEveryMs = 60_000;
const jobsMax = 50;

export function startRetention({ db, objects, onError }: Needs): { stop(): Promise<void> } {
  const orphans = orphanSweep({ db, objects });
  const loops = [
    repeat(dueEveryMs, async () => (await deleteDueFiles({ db, objects, now: new Date(), jobsMax })) === jobsMax),
    repeat(orphansEveryMs, async () => {
      await quarantineStore(db).forgetExpired();
      await orphans.turn(new Date());
      return false;
    }),
  ];

  /** Again at once where there was more to do than fits into a turn. */
  function repeat(everyMs: number, turn: () => Promise<boolean>) {
    let timer: NodeJS.Timeout;
    let stopped = false;
    let current = Promise.resolve();
    const next = () => {
      current = turn()
        .catch((error: unknown) => {
          onError(error);
          return false;
        })
        .then((more) => {
          if (!stopped) timer = setTimeout(next, more ? 0 : everyMs);
        });
    };
    next();
    return {
      async stop() {
        stopped = true;
        clearTimeout(timer);
        await current;
      },
    };
  }

  return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) };
}
