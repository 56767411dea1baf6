// Look-ups over the operation files.
import type { Operation } from "./operation.ts";
import { operations } from "./operations/index.gen.ts";
import { Problem } from "./problems.ts";

const byId = new Map<string, Operation>((operations as readonly Operation[]).map((operation) => [operation.id, operation]));

export function operationOf(id: string): Operation {
  const operation = byId.get(id);
  if (!operation) throw new Problem("operation-unknown", id);
  return operation;
}
