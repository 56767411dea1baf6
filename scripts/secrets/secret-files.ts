// THE table of a deployment's secret files: who reads each, and how it is drawn. A file is named as its variable, in small letters.
import { randomBytes } from "node:crypto";

/** `origin`: its api and worker. `postgres` and `redis`: those servers' own containers. `edge`: also put into the Worker. */
type Reader = "origin" | "postgres" | "redis" | "edge";

export type SecretFile = {
  name: string;
  readers: readonly Reader[];
  /** From what was drawn or found before it; without it, somebody else draws this one. */
  draw?: (found: (name: string) => string, servers: Servers) => string;
  /** Where somebody else draws it. */
  from?: string;
};
export type Servers = { postgres: string; redis: string };

const base64 = () => randomBytes(32).toString("base64");
/** What an address can hold without escapes. */
const word = () => randomBytes(24).toString("hex");
const cloudflare = "Cloudflare's dashboard: R2, API tokens";

export const secretFiles: readonly SecretFile[] = [
  { name: "edge_key", readers: ["origin", "edge"], draw: base64 },
  { name: "options_key", readers: ["origin"], draw: base64 },
  { name: "auth_secret", readers: ["origin"], draw: base64 },
  { name: "admin_password", readers: ["origin"], draw: word },
  { name: "postgres_password", readers: ["postgres"], draw: word },
  { name: "redis_password", readers: ["redis"], draw: word },
  {
    name: "database_url",
    readers: ["origin"],
    draw: (found, { postgres }) => `postgres://trusty:${found("postgres_password")}@${postgres}`,
  },
  { name: "redis_url", readers: ["origin"], draw: (found, { redis }) => `redis://:${found("redis_password")}@${redis}` },
  { name: "r2_access_key_id", readers: ["origin", "edge"], from: cloudflare },
  { name: "r2_secret_access_key", readers: ["origin", "edge"], from: cloudflare },
];
