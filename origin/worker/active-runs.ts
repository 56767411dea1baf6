// The runs of this process: their sign of life, their progress, and their end from outside.
import type { JobStore } from "../jobs/store.ts";
import type { Run } from "./run.ts";

const beatMs = 2_000;
const progressMs = 1_000;

/** `outdated`: the attempt no longer counts, because the job was canceled or given to somebody else. */
export type EndedBy = "deadline" | "shutdown" | "outdated";

export type ActiveRuns = {
  /** Begins to beat for a run; its signal now also fires from here. Answers how to stop. */
  enter(run: Run): () => void;
  /** The job's end was announced: who still runs it asks at once whether that run counts. */
  lookAt(jobId: string): void;
  /** What ended a run's signal; undefined when nothing did. */
  endedBy(run: Run): EndedBy | undefined;
  /** Ends every run, for the shutdown. */
  abortAll(): void;
  count(): number;
  stop(): void;
};

export function activeRuns(store: Pick<JobStore, "heartbeat">, onError: (error: unknown) => void): ActiveRuns {
  type Entry = { controller: AbortController; deadline: AbortSignal; written: string; beatAt: number; endedBy?: EndedBy };
  const entries = new Map<Run, Entry>();

  function end(entry: Entry, by: EndedBy): void {
    entry.endedBy ??= by;
    entry.controller.abort();
  }

  async function beat(run: Run, entry: Entry, now: number): Promise<void> {
    const progress = JSON.stringify(run.progress);
    if (now - entry.beatAt < beatMs && progress === entry.written) return;
    await ask(run, entry, progress, now);
  }

  async function ask(run: Run, entry: Entry, progress: string, now: number): Promise<void> {
    entry.beatAt = now;
    const counts = await store.heartbeat(run.row, progress === entry.written ? undefined : run.progress);
    entry.written = progress;
    if (!counts) end(entry, "outdated");
  }

  const timer = setInterval(() => {
    for (const [run, entry] of entries) beat(run, entry, Date.now()).catch(onError);
  }, progressMs);
  timer.unref();

  return {
    enter(run) {
      const controller = new AbortController();
      const deadline = run.signal;
      entries.set(run, { controller, deadline, written: JSON.stringify(run.progress), beatAt: Date.now() });
      run.signal = AbortSignal.any([deadline, controller.signal]);
      return () => entries.delete(run);
    },
    lookAt(jobId) {
      for (const [run, entry] of entries)
        if (run.row.id === jobId) ask(run, entry, JSON.stringify(run.progress), Date.now()).catch(onError);
    },
    endedBy(run) {
      const entry = entries.get(run);
      return entry?.endedBy ?? (entry?.deadline.aborted ? "deadline" : undefined);
    },
    abortAll() {
      for (const entry of entries.values()) end(entry, "shutdown");
    },
    count: () => entries.size,
    stop: () => clearInterval(timer),
  };
}
