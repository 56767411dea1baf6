import { type DeletionNeeds, finishDeletions } from "./delete-account.ts";

const everyMs = 10 * 60_000;

/** Finishes interrupted deletions at the start and now and then. Any number of processes may. */
export function keepFinishing(needs: DeletionNeeds, onError: (error: unknown) => void): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const finish = () => {
    running = finishDeletions(needs).catch(onError);
  };
  finish();
  const timer = setInterval(finish, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
