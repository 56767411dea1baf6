// The process in which the gate's parts run, and what it and its children cost.
import { fork } from "node:child_process";
import { join } from "node:path";
import { readProcesses } from "./processor-time.ts";

export type PartName = "inspect" | "audit" | "fonts" | "scan";
export type PartOrder = { part: PartName; path: string; filename: string; result: string; clamdAddress: string; forMs: number };
export type PartAnswer = { latencies: number[]; ownMs: number } | { fault: string };

export type Turn = {
  latencies: number[] /** For each time; of the process itself, and of the programs that it ran. */;
  ownMs: number;
  programsMs: number;
};
export type GateProcess = { turn(order: PartOrder): Promise<Turn>; stop(): void };

export function startGateProcess(): GateProcess {
  const child = fork(join(import.meta.dirname, "gate-parts.ts"), { stdio: "inherit" });
  const endedMs = () => readProcesses().get(child.pid ?? 0)?.endedMs ?? 0;
  return {
    async turn(order) {
      const before = endedMs();
      const answer = await new Promise<PartAnswer>((resolve, reject) => {
        const gone = () => reject(new Error("the gate's process ended"));
        child.once("exit", gone);
        child.once("message", (message: PartAnswer) => {
          child.off("exit", gone);
          resolve(message);
        });
        child.send(order);
      });
      if ("fault" in answer) throw new Error(answer.fault);
      const { latencies, ownMs } = answer;
      return { latencies, ownMs: ownMs / latencies.length, programsMs: (endedMs() - before) / latencies.length };
    },
    stop: () => void child.kill("SIGKILL"),
  };
}
