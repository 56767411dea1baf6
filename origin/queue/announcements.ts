// Tells every api process that a job has ended, by Redis publish/subscribe. A hint: who waits looks again anyway.
import { EventEmitter } from "node:events";
import type { Redis } from "ioredis";

export function announcements(options: { prefix: string; publisher: Redis; subscriber: Redis; onError(error: unknown): void }) {
  const channel = `${options.prefix}:job-ended`;
  const ends = new EventEmitter().setMaxListeners(0);
  options.subscriber.subscribe(channel).catch(options.onError);
  const listeners = new Set<(jobId: string) => void>();
  options.subscriber.on("message", (_channel, jobId: string) => {
    ends.emit(jobId);
    for (const listener of listeners) listener(jobId);
  });
  return {
    announceEnd(jobId: string): void {
      options.publisher.publish(channel, jobId).catch(options.onError);
    },
    /** Hears of every end, whoever caused it. */
    onEnd(listener: (jobId: string) => void): void {
      listeners.add(listener);
    },
    /** Resolves at the job's end, after `timeoutMs`, or when the signal fires; never rejects. */
    wait(jobId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          ends.off(jobId, done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        ends.once(jobId, done);
        signal.addEventListener("abort", done, { once: true });
        if (signal.aborted) done();
      });
    },
  };
}
