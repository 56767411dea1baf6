import { createHash } from "node:crypto";
import openapi from "#contract/openapi.gen.json" with { type: "json" };

/** The release and a digest of its contract: edge and origin that tell the same understand each other. */
export const version = `${openapi.info.version}+${createHash("sha256").update(JSON.stringify(openapi)).digest("hex").slice(0, 8)}`;
