// Prints an API key of the system of docker/compose.dev.yaml, and nothing else. The account is made when there is none.
//   docker compose -f docker/compose.yaml -f docker/compose.dev.yaml exec edge node scripts/compose/dev-key.ts [--account acme] [--tier premium]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { AccountId } from "#contract/ids.ts";
import { TierName } from "#contract/tiers.ts";
import { localKey } from "../stack/local-key.ts";

const { values } = parseArgs({ options: { account: { type: "string", default: "acme" }, tier: { type: "string", default: "premium" } } });
const edgeKey = readFileSync("/run/secrets/edge_key", "utf8").trim();
const wanted = { account: AccountId.parse(values.account), tier: TierName.parse(values.tier), minutes: 24 * 60 };
console.log((await localKey({ originHost: "api", originPort: 8788, edgeKey }, wanted)).key);
