// Prints an API key of the local stack, and nothing else. The account is made when there is none.
//   npm run token -- --tier premium --account acme [--minutes 60] [--test]
import { z } from "zod";
import { AccountId } from "#contract/ids.ts";
import { TierName } from "#contract/tiers.ts";
import { notUnderstood, readArguments } from "./read-arguments.ts";
import { localKey } from "./stack/local-key.ts";
import { placesOf } from "./stack/places.ts";
import { readSecrets } from "./stack/secrets.ts";

const yearMinutes = 365 * 24 * 60;
const Options = z.object({
  account: AccountId.default("acme"),
  tier: TierName.default("premium"),
  minutes: z.coerce.number().int().min(1).max(yearMinutes).default(60),
  test: z.boolean().default(false),
});

try {
  const text = { type: "string" } as const;
  const { values } = readArguments(import.meta.filename, {
    options: { account: text, tier: text, minutes: text, test: { type: "boolean" } },
  });
  const options = Options.safeParse(values);
  if (!options.success) notUnderstood(import.meta.filename, options.error);
  const { test, ...wanted } = options.data;
  const { state, ports } = placesOf(process.env);
  const { edgeKey } = await readSecrets(state);
  const { key } = await localKey({ originPort: ports.origin, edgeKey }, { ...wanted, livemode: !test });
  console.log(key);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
