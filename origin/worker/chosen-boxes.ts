import { type Lane, lanes } from "#contract/operation.ts";

/** The boxes of the lanes that this worker serves: those that were chosen, or else every lane that has boxes. */
export function chosenBoxes({
  WORKER_LANES: chosen,
  ...boxes
}: {
  WORKER_LANES: readonly Lane[];
  OFFICE_BOXES: readonly string[];
  LIGHT_BOXES: readonly string[];
}): Partial<Record<Lane, readonly string[]>> {
  const known: Record<Lane, readonly string[]> = { office: boxes.OFFICE_BOXES, light: boxes.LIGHT_BOXES };
  const bare = chosen.filter((lane) => known[lane].length === 0);
  if (bare.length > 0)
    throw new Error(bare.map((lane) => `WORKER_LANES names ${lane}, and ${lane.toUpperCase()}_BOXES names no box for it.`).join("\n"));
  const served = lanes.filter((lane) => (chosen.length > 0 ? chosen.includes(lane) : known[lane].length > 0));
  return Object.fromEntries(served.map((lane) => [lane, known[lane]]));
}
