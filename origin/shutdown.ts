// Ends a process in named phases, each within its own time. A second signal ends it at once.
import type { Logger } from "./log.ts";

export type Phase = { name: string; limitMs: number; run(): Promise<unknown> | unknown };

export async function runPhases(phases: Phase[], log: Logger): Promise<void> {
  for (const { name, limitMs, run } of phases) {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, limitMs, "late");
    });
    const outcome = await Promise.race([Promise.resolve().then(run), limit]).catch((err: unknown) => {
      log.error({ phase: name, err }, "a shutdown phase failed");
    });
    clearTimeout(timer);
    log.info({ phase: name, ms: Math.round(performance.now() - startedAt), ...(outcome === "late" && { late: true }) }, "shutdown phase");
  }
}

export function shutDownOnSignal(phases: Phase[], log: Logger): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals > 1) process.exit(1);
    log.info({ signal }, "shutting down");
    void runPhases(phases, log).then(() => process.exit(0));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
