// How many engines a lane should have: a pure function of what waits and runs, of what was decided before, and of the time.

export type Bounds = { min: number; max: number };
/** `quietMs`: after so much quiet there is one engine less. */
export type ScaleLimits = Bounds & { quietMs: number };
export type Load = { queued: number; running: number; oldestSeconds: number };
/** `sick`: neither healthy nor on the way to it. */
export type Containers = { healthy: number; starting: number; sick: number };
/** `quietSince`: from when on there was nothing to do for one engine at least. `patience`: how often the quiet that is asked for. */
export type ScaleMemory = {
  changedAt: number;
  loweredAt: number;
  quietSince: number | undefined;
  startingSince: number | undefined;
  patience: number;
};
export type Decision = { count: number; reason: string; memory: ScaleMemory };

/** Up: more than so many waiting jobs for an engine, or one that has waited for so long. Between these and "nothing waits" nothing is changed. */
const waitingPerEngine = 4;
const oldestSecondsMax = 30;
/** What was started needs that long to show. */
const settleMs = 30_000;
/** What is not healthy after so long will not be. */
const startMs = 5 * 60_000;
/** An engine that is missed soon after it went makes patience longer: twice as long each time, up to this. */
const patienceMax = 16;
const regretMs = 10 * 60_000;

export const noMemory: ScaleMemory = {
  changedAt: -Infinity,
  loweredAt: -Infinity,
  quietSince: undefined,
  startingSince: undefined,
  patience: 1,
};

/** `count` is within the bounds, at most twice the present one going up, and one less going down. */
export function decideScale(
  now: number,
  { min, max, quietMs }: ScaleLimits,
  containers: Containers,
  load: Load,
  memory: ScaleMemory,
): Decision {
  const { queued, running, oldestSeconds } = load;
  const count = countOf(containers);
  const quiet = queued === 0 && running < count;
  const startingSince = containers.starting > 0 ? (memory.startingSince ?? now) : undefined;
  const awaited = startingSince !== undefined && now - startingSince < startMs;
  const able = containers.healthy + (awaited ? containers.starting : 0);
  const remembered = { ...memory, quietSince: quiet ? (memory.quietSince ?? now) : undefined, startingSince };
  const keep = (reason: string): Decision => ({ count, reason, memory: remembered });
  const change = (to: number, reason: string, more: Partial<ScaleMemory> = {}): Decision => ({
    count: to,
    reason,
    memory: { ...remembered, changedAt: now, quietSince: undefined, ...more },
  });

  if (count < min) return change(min, `at least ${min}`);
  if (count > max) return change(max, `at most ${max}`, { loweredAt: now });
  if (now - memory.changedAt < settleMs) return keep("just changed");

  const crowded = queued > able * waitingPerEngine;
  const late = queued > 0 && oldestSeconds > oldestSecondsMax;
  if (crowded || late) {
    if (count === max) return keep(`at most ${max}`);
    if (awaited) return keep(`${containers.starting} are starting`);
    // One more may do what a sick one does not; many more would be sick as well.
    const sick = count - able;
    if (sick > Math.max(able, 1)) return keep(`${sick} of ${count} are not healthy`);
    const wanted = sick > 0 ? count + 1 : Math.max(count + 1, Math.ceil((queued + running) / waitingPerEngine));
    const regret = now - memory.loweredAt < regretMs;
    const patience = regret ? Math.min(memory.patience * 2, patienceMax) : 1;
    const why = crowded ? `${queued} wait` : `one has waited for ${Math.round(oldestSeconds)} s`;
    return change(Math.min(wanted, Math.max(count * 2, 1), max), why, { patience });
  }
  const quietForMs = remembered.quietSince === undefined ? 0 : now - remembered.quietSince;
  if (count > min && quietForMs >= quietMs * memory.patience)
    return change(count - 1, `${running} of ${count} busy and nothing waits for ${Math.round(quietForMs / 1000)} s`, { loweredAt: now });
  return keep("fits");
}

export const countOf = ({ healthy, starting, sick }: Containers): number => healthy + starting + sick;

const enginesPerWorker = 8;

/** Workers only move bytes: one is enough for several engines. */
export const workersFor = (engines: number, { min, max }: Bounds): number =>
  Math.min(Math.max(Math.ceil(engines / enginesPerWorker), min), max);
