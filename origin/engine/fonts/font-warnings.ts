import type { Warning } from "#contract/jobs.ts";
import type { MediaType } from "#contract/media.ts";
import type { PlannedResult } from "./context.ts";
import type { Toolbox } from "./toolbox.ts";

export async function fontWarnings(_type: MediaType, _path: string, _results: PlannedResult[], _toolbox: Toolbox): Promise<Warning[]> {
  return [];
}
