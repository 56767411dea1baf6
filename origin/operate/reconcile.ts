import { parseArgs } from "node:util";
import { reconcile } from "../usage/reconcile.ts";
import { tellBooks } from "../usage/tell-books.ts";
import type { OperatorVerb } from "./verb.ts";

export const tellReconciliation: OperatorVerb = async ({ db }, args) => {
  const { values } = parseArgs({ args, options: { repair: { type: "boolean", default: false } } });
  return tellBooks(await reconcile(db, values));
};
