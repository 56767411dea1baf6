import { type DeletionNeeds, finishDeletions } from "./delete-account.ts";
import { forgetExpired } from "./forget-expired.ts";

const everyMs = 10 * 60_000;

/** Forgets what has expired and finishes interrupted deletions, at the start and now and then. Any number of processes may. */
export function keepTidy(needs: DeletionNeeds, onError: (error: unknown) => void): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const tidy = () => {
    running = Promise.all([forgetExpired(needs.db).catch(onError), finishDeletions(needs).catch(onError)]);
  };
  tidy();
  const timer = setInterval(tidy, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
