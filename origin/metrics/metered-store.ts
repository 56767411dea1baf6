import { isFinal } from "#contract/jobs.ts";
import type { JobStore } from "../jobs/store.ts";
import type { WorkMeter } from "./work-meter.ts";

/** The store of jobs as worker and sweep use it, with its moves counted: every run ends and every retry begins here. */
export function meteredStore(store: JobStore, meter: Pick<WorkMeter, "ended" | "retried" | "swept">): JobStore {
  return {
    ...store,
    async leaveRunning(attempt, move) {
      const moved = await store.leaveRunning(attempt, move);
      if (moved && isFinal(move.state)) meter.ended(move.state, move.problem?.code);
      else if (moved) meter.retried();
      return moved;
    },
    async expireQueued(problem) {
      const expired = await store.expireQueued(problem);
      for (const _ of expired) meter.ended("failed", problem.code);
      return expired;
    },
    async abandoned(silentMs) {
      const found = await store.abandoned(silentMs);
      meter.swept(found.length);
      return found;
    },
  };
}
