import { parseArgs } from "node:util";
import { expireMissing } from "../retention/expire-missing.ts";
import type { OperatorVerb } from "./verb.ts";

export const expire: OperatorVerb = async (needs, args) => {
  const options = { "dry-run": { type: "boolean", default: false }, "even-all": { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args, options });
  const { complete, expired, foundNothing } = await expireMissing(needs, { dryRun: values["dry-run"], evenAll: values["even-all"] });
  if (foundNothing) {
    console.log(`None of the ${expired} jobs has its files in the object store. Is it the right one? If they are gone: --even-all.`);
    return 1;
  }
  console.log(`${complete} jobs have their files; ${expired} do not and ${values["dry-run"] ? "would be" : "are"} expired.`);
  return 0;
};
