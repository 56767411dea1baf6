// How many engines a lane should have: a pure function of what waits and runs, of what was decided before, and of the time.

export type Bounds = { min: number; max: number };
export type Load = { queued: number; running: number; oldestSeconds: number };
/** `quietSince`: from when on there was nothing to do for one engine at least. */
export type ScaleMemory = { changedAt: number; loweredAt: number; quietSince: number | undefined; patienceMs: number };
export type Decision = { count: number; reason: string; memory: ScaleMemory };

/** Up: more than so many waiting jobs for an engine, or one that has waited for so long. Between these and "nothing waits" nothing is changed. */
const waitingPerEngine = 4;
const oldestSecondsMax = 30;
/** What was started needs that long to show. */
const settleMs = 30_000;
/** Down: one engine less after so much quiet. An engine that is missed soon after it went makes that longer. */
const patienceMsMin = 120_000;
const patienceMsMax = 30 * 60_000;
const regretMs = 10 * 60_000;

export const noMemory: ScaleMemory = { changedAt: -Infinity, loweredAt: -Infinity, quietSince: undefined, patienceMs: patienceMsMin };

/** `count` is within the bounds, at most twice the present one going up, and one less going down. */
export function decideScale(now: number, { min, max }: Bounds, count: number, load: Load, memory: ScaleMemory): Decision {
  const { queued, running, oldestSeconds } = load;
  const quiet = queued === 0 && running < count;
  const remembered = { ...memory, quietSince: quiet ? (memory.quietSince ?? now) : undefined };
  const keep = (reason: string): Decision => ({ count, reason, memory: remembered });
  const change = (to: number, reason: string, more: Partial<ScaleMemory> = {}): Decision => ({
    count: to,
    reason,
    memory: { ...remembered, changedAt: now, quietSince: undefined, ...more },
  });

  if (count < min) return change(min, `at least ${min}`);
  if (count > max) return change(max, `at most ${max}`, { loweredAt: now });
  if (now - memory.changedAt < settleMs) return keep("just changed");

  const crowded = queued > count * waitingPerEngine;
  const late = queued > 0 && oldestSeconds > oldestSecondsMax;
  if (crowded || late) {
    if (count === max) return keep(`at most ${max}`);
    const wanted = Math.max(count + 1, Math.ceil((queued + running) / waitingPerEngine));
    const regret = now - memory.loweredAt < regretMs;
    const patienceMs = regret ? Math.min(memory.patienceMs * 2, patienceMsMax) : patienceMsMin;
    const why = crowded ? `${queued} wait` : `one has waited for ${Math.round(oldestSeconds)} s`;
    return change(Math.min(wanted, count * 2, max), why, { patienceMs });
  }
  const quietMs = remembered.quietSince === undefined ? 0 : now - remembered.quietSince;
  if (count > min && quietMs >= memory.patienceMs)
    return change(count - 1, `${running} of ${count} busy and nothing waits for ${Math.round(quietMs / 1000)} s`, { loweredAt: now });
  return keep("fits");
}

const enginesPerWorker = 8;

/** Workers only move bytes: one is enough for several engines. */
export const workersFor = (engines: number, { min, max }: Bounds): number =>
  Math.min(Math.max(Math.ceil(engines / enginesPerWorker), min), max);
