import { expect, test } from "vitest";
import { activeRuns } from "./active-runs.ts";
import type { Run } from "./run.ts";

const run = (id: string) =>
  ({
    row: { id, attempt: 1 },
    signal: new AbortController().signal,
    progress: { stage: "converting", fraction: 0.5 },
  }) as unknown as Run; // only these are read

function house(counting: (id: string) => boolean) {
  const asked: string[] = [];
  const heartbeat = async ({ id }: { id: string }) => {
    asked.push(id);
    return counting(id);
  };
  return { asked, active: activeRuns({ heartbeat }, () => {}) };
}

test("the announced end of a job ends its run at once, and no other run", async () => {
  const { asked, active } = house((id) => id !== "job_canceled");
  const [canceled, other] = [run("job_canceled"), run("job_other")];
  active.enter(canceled);
  active.enter(other);
  active.lookAt("job_canceled");
  await new Promise((resolve) => canceled.signal.addEventListener("abort", resolve));
  expect(active.endedBy(canceled)).toBe("outdated");
  expect(asked).toEqual(["job_canceled"]);
  expect(other.signal.aborted).toBe(false);
  active.stop();
});

test("an announcement alone ends no run: the row says what counts", async () => {
  const { asked, active } = house(() => true);
  const running = run("job_retried");
  active.enter(running);
  active.lookAt("job_retried");
  await new Promise(setImmediate);
  expect(asked).toEqual(["job_retried"]);
  expect(running.signal.aborted).toBe(false);
  active.stop();
});

test("without an announcement the next heartbeat ends it", async () => {
  const { active } = house(() => false);
  const canceled = run("job_canceled");
  active.enter(canceled);
  canceled.progress = { stage: "converting", fraction: 0.6 };
  await new Promise((resolve) => canceled.signal.addEventListener("abort", resolve));
  expect(active.endedBy(canceled)).toBe("outdated");
  active.stop();
});
