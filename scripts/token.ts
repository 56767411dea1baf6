// Prints an access token of the local stack, and nothing else.
//   npm run token -- --tier premium --account acme [--minutes 60] [--subject me]
import { parseArgs } from "node:util";
import { z } from "zod";
import { AccountId } from "#contract/ids.ts";
import { TierName } from "#contract/tiers.ts";
import { issueToken, tokenMinutesMax } from "./stack/issue-token.ts";
import { placesOf } from "./stack/places.ts";
import { readSecrets } from "./stack/secrets.ts";

const Options = z.object({
  account: AccountId.default("acme"),
  tier: TierName.default("premium"),
  subject: z.string().min(1).max(255).default("local"),
  minutes: z.coerce.number().int().min(1).max(tokenMinutesMax).default(60),
});

try {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { account: text, tier: text, subject: text, minutes: text } });
  const options = Options.safeParse(values);
  if (!options.success) throw new Error(options.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("\n"));
  console.log(await issueToken(await readSecrets(placesOf(process.env).state), options.data, new Date()));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
