import { setTimeout as sleep } from "node:timers/promises";
import type { OfficeDriver } from "./driver.ts";

export const readyAgainWithinMs = 8_000;
const lookMs = 20;

/**
 * Waits, within reason, for the LibreOffice that replaces one which a task has ended. The task keeps its slot meanwhile:
 * one document that crashes again and again then holds one box at a time, and not every box that it has touched.
 */
export async function readyAgain(office: OfficeDriver | undefined, signal?: AbortSignal): Promise<void> {
  for (const until = Date.now() + readyAgainWithinMs; office && !office.ready && !signal?.aborted && Date.now() < until; )
    await sleep(lookMs);
}
