// The parts of an origin with traps in them, and with a journal of what they did.

import type { Around } from "#origin/wire.ts";
import type { Leased } from "#origin/worker/box-pool.ts";
import type { Broken } from "./broken.ts";
import type { Note } from "./journal.ts";
import type { Trap } from "./traps.ts";

/** Long enough for a box to have begun. */
const convertingMs = 30;

export function around(role: "api" | "worker", { isArmed, passes }: Trap, note: Note, broken: Broken): Around {
  const works = role === "worker";
  return {
    store(part) {
      const store = broken.store(part);
      return {
        ...store,
        async claim(attempt) {
          const row = await store.claim(attempt);
          if (!row) return undefined;
          note({ event: "claimed", job: attempt.id, attempt: attempt.attempt });
          passes("after-claim");
          return row;
        },
        async leaveRunning(attempt, move) {
          if (move.state === "succeeded") passes("before-commit");
          const counted = await store.leaveRunning(attempt, move);
          note({ event: "left", job: attempt.id, attempt: attempt.attempt, state: move.state, counted });
          if (counted && move.state === "succeeded") passes("after-commit");
          if (counted && move.state === "queued") passes("after-hand-back");
          return counted;
        },
        async heartbeat(attempt, progress) {
          const counts = await store.heartbeat(attempt, progress);
          if (!counts) note({ event: "outdated", job: attempt.id, attempt: attempt.attempt });
          return counts;
        },
        async abandoned(silentMs) {
          const lost = await store.abandoned(silentMs);
          if (lost.length > 0) passes("mid-sweep");
          return lost;
        },
      };
    },
    queue: (queue) => ({
      ...queue,
      async add(attempts) {
        passes("before-lane-add");
        await queue.add(attempts);
      },
    }),
    // An api wakes the dispatcher when a new job is committed, and before it answers.
    dispatch: (dispatch) => ({
      ...dispatch,
      wake(lane) {
        if (!works) passes("after-create");
        dispatch.wake(lane);
      },
    }),
    objects(part) {
      const objects = broken.objects(part);
      return {
        ...objects,
        async write(object, bytes, signal) {
          const stored = await objects.write(object, bytes, signal);
          passes("after-result-put");
          return stored;
        },
        async remove(object) {
          await objects.remove(object);
          passes(works ? "mid-retention" : "mid-delete");
        },
      };
    },
    scanner: (scanner) => ({
      ...scanner,
      async open(signal) {
        const scan = await scanner.open(signal);
        const verdict = async () => {
          const found = await scan.verdict();
          passes("after-scan");
          return found;
        };
        return { ...scan, verdict };
      },
    }),
    boxes: (boxes) => ({
      ...boxes,
      async lease(lane, signal): Promise<Leased> {
        const task = await boxes.lease(lane, signal);
        const run: Leased["run"] = (...asked) => {
          if (isArmed("mid-convert")) setTimeout(() => passes("mid-convert"), convertingMs);
          return task.run(...asked);
        };
        return { ...task, run };
      },
    }),
  };
}
