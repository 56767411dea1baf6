// A trap is a file: the drill puts it into `armed`, and the one process that can take it away ends itself.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Point } from "./points.ts";

const armed = (folder: string, point: Point | "" = "") => join(folder, "armed", point);
const sprung = (folder: string, point: Point | "" = "") => join(folder, "sprung", point);

export function openTraps(folder: string) {
  for (const path of [armed(folder), sprung(folder)]) mkdirSync(path, { recursive: true });
  return {
    arm(point: Point): void {
      rmSync(sprung(folder, point), { force: true });
      writeFileSync(armed(folder, point), "");
    },
    disarm: (point: Point): void => rmSync(armed(folder, point), { force: true }),
    everSprung: (): string[] => readdirSync(sprung(folder)),
  };
}

export type Trap = { isArmed(point: Point): boolean; passes(point: Point): void };

/** As a process of the house meets them. Renaming succeeds in one process only. */
export function trapsOf(folder: string, note: (point: Point) => void): Trap {
  return {
    isArmed: (point) => existsSync(armed(folder, point)),
    passes(point) {
      try {
        renameSync(armed(folder, point), sprung(folder, point));
      } catch {
        return; // not armed, or another process was faster
      }
      note(point);
      process.kill(process.pid, "SIGKILL");
    },
  };
}
