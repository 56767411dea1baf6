// While no scanner is ready no job is claimed: they stay queued, and say what they wait for. (Pausing BullMQ's worker instead
// can leave it asleep: a resume that meets the end of its loop is lost.)
import { setTimeout as sleep } from "node:timers/promises";
import type { JobStore } from "../jobs/store.ts";
import type { Logger } from "../log.ts";
import type { Scanner } from "../scanner/clamd.ts";

type Needs = { scanner: Pick<Scanner, "ready">; store: Pick<JobStore, "waitFor">; log: Logger };

export type ScannerWatch = {
  /** Resolves when a scanner is ready: true; or when the watch was stopped: false. */
  ready(): Promise<boolean>;
  stop(): void;
};

const lookAgainMs = 500;

export function watchScanner({ scanner, store, log }: Needs): ScannerWatch {
  const stopping = new AbortController();
  let waiting: Promise<boolean> | undefined;

  const look = (): Promise<unknown> =>
    scanner.ready().then(
      () => undefined,
      (error: unknown) => error,
    );

  async function untilReady(fault: unknown): Promise<boolean> {
    log.error({ err: fault instanceof Error ? fault.cause : fault }, "no scanner is ready: jobs wait");
    while (!stopping.signal.aborted) {
      // Again and again, because new jobs arrive.
      await store.waitFor("slot", "scanner").catch((err: unknown) => log.error({ err }, "could not say what jobs wait for"));
      await sleep(lookAgainMs, undefined, { signal: stopping.signal }).catch(() => {});
      if ((await look()) !== undefined) continue;
      log.info("the scanner is back");
      await store.waitFor("scanner", "slot");
      return true;
    }
    return false;
  }

  return {
    async ready() {
      const fault = waiting ? undefined : await look();
      if (!waiting && fault === undefined) return true;
      waiting ??= untilReady(fault).finally(() => {
        waiting = undefined;
      });
      return waiting;
    },
    stop: () => stopping.abort(),
  };
}
