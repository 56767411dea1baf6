import { declaredType, type MediaType, mediaTypes, oneOf } from "#contract/media.ts";
import type { Operation } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";

const namesMax = 12;

function accepted(types: MediaType[]): string {
  const names = types.flatMap(({ extensions }) => extensions.slice(0, 1));
  const more = names.length - namesMax;
  return more > 0 ? `${names.slice(0, namesMax).join(", ")} and ${more} more (see /v1/operations)` : names.join(", ");
}

/**
 * Refuses early what the operation cannot read by its name. The content decides later, so an unknown name passes,
 * and so does a name of the same family.
 */
export function checkType(operation: Pick<Operation, "id" | "accepts">, filename: string, contentType: string): void {
  const declared = declaredType(filename, contentType);
  if (declared === undefined) return;
  const types = mediaTypes.filter(({ mime }) => operation.accepts.includes(mime));
  if (types.some(({ family }) => family === declared.family)) return;
  throw new Problem("input-type-unsupported", `${operation.id} does not take ${oneOf(declared)}; it takes ${accepted(types)}.`);
}
