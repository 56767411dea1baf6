// The box's one slot. It is free again only when the last task's workspace is gone.
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { Problem } from "#contract/problems.ts";
import type { Alone } from "./alone.ts";
import { clearLitter } from "./clear-litter.ts";
import type { PlannedResult } from "./context.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export type Task = { id: string; workspace: Workspace; signal: AbortSignal; ran: boolean; results: readonly PlannedResult[] };

export type Slot = {
  readonly busy: boolean;
  open(): Promise<Task>;
  /** The task of an id, kept while the caller speaks for it: `release` says that a request has ended. */
  hold(id: string): { task: Task; release(): void };
  /** Removes what lies about in the box's folders: everything but LibreOffice's files and the task's. */
  clear(): void;
  /** Ends a task: what it runs is killed, its workspace wiped. */
  end(id: string, reason?: Problem): Promise<void>;
};

type Surroundings = {
  /** Folders for temporary files that nobody but the box uses. */
  temporary?: readonly string[];
  /** Ends what nobody started. */
  alone?: Alone;
};

export function openSlot(root: string, silenceMsMax: number, { temporary = [], alone = async () => false }: Surroundings = {}): Slot {
  let current: { task: Task; abort: AbortController; requests: number; silence?: NodeJS.Timeout; running: Set<() => void> } | undefined;
  let occupied = false;
  let folder: string | undefined;

  const listen = () => {
    if (!current || current.requests > 0) return;
    const { id } = current.task;
    current.silence = setTimeout(() => void slot.end(id, new Problem("task-not-found", "Nobody spoke for the task.")), silenceMsMax);
  };

  const slot: Slot = {
    get busy() {
      return occupied;
    },
    async open() {
      if (occupied) throw new Problem("box-busy");
      occupied = true;
      try {
        if (await alone()) throw new Problem("engine-unavailable");
        slot.clear();
        const id = randomBytes(32).toString("base64url");
        const workspace = openWorkspace(root, `task-${randomBytes(8).toString("hex")}`);
        folder = basename(workspace.path);
        const abort = new AbortController();
        current = { task: { id, workspace, signal: abort.signal, ran: false, results: [] }, abort, requests: 0, running: new Set() };
        listen();
        return current.task;
      } catch (error) {
        occupied = false;
        throw error;
      }
    },
    hold(id) {
      const held = current;
      if (!held || held.task.id !== id) throw new Problem("task-not-found");
      clearTimeout(held.silence);
      held.requests++;
      const release = () => {
        held.requests--;
        if (held.requests === 0) for (const tell of held.running) tell();
        if (held === current) listen();
      };
      return { task: held.task, release };
    },
    clear() {
      clearLitter(root, ["office", folder]);
      for (const each of temporary) clearLitter(each);
    },
    async end(id, reason) {
      const ending = current;
      if (!ending || ending.task.id !== id) throw new Problem("task-not-found");
      current = undefined;
      clearTimeout(ending.silence);
      ending.abort.abort(reason ?? new Problem("task-not-found", "The task was ended."));
      if (ending.requests > 0) await new Promise<void>((resolve) => ending.running.add(resolve));
      await alone();
      ending.task.workspace.wipe();
      folder = undefined;
      occupied = false;
    },
  };
  return slot;
}
