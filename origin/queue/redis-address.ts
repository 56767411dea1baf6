// Where Redis is, as REDIS_URL says it: one server, or the master that sentinels know.
import { readFileSync } from "node:fs";
import type { RedisOptions } from "ioredis";
import { LastingSentinelConnector } from "./sentinel-connector.ts";

export type RedisAddress = {
  url: string;
  /** A PEM file; for `rediss://` whose certificate no public authority signed. */
  tlsCa?: string | undefined;
  /** Of the sentinels themselves, which often have none. */
  sentinelPassword?: string | undefined;
};

const shape =
  /^(?<scheme>rediss?)(?<sentinel>\+sentinel)?:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?$/;
const hostShape = /^(?<host>\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/;

export const redisUrlForms = "redis://, rediss://, or redis+sentinel://[user:password@]host:26379,host:26379/master[/database]";

type Target = { host: string; port: number };
type Parsed = { tls: boolean; hosts: Target[]; master?: string; db: number; username?: string; password?: string };

/** Undefined when it is none of the forms. A password with signs that mean something in a URL is percent-encoded. */
export function parseRedisUrl(url: string): Parsed | undefined {
  const { scheme, sentinel, user, password, hosts = "", path = "" } = shape.exec(url)?.groups ?? {};
  if (scheme === undefined) return undefined;
  const targets = hosts.split(",").map((text) => target(text, sentinel ? 26_379 : 6_379));
  const [first = "", second, ...more] = path.split("/");
  const [master, database = ""] = sentinel ? [first, second] : [undefined, first];
  if (targets.includes(undefined) || more.length > 0 || !/^\d{0,5}$/.test(database) || master === "") return undefined;
  if (!sentinel && (targets.length > 1 || second !== undefined)) return undefined;
  return {
    tls: scheme === "rediss",
    hosts: targets as Target[], // none is undefined
    db: Number(database),
    ...(master !== undefined && { master }),
    ...(user && { username: decodeURIComponent(user) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

function target(text: string, standardPort: number): Target | undefined {
  const { host, port } = hostShape.exec(text)?.groups ?? {};
  return host === undefined ? undefined : { host: host.replace(/^\[|\]$/g, ""), port: port === undefined ? standardPort : Number(port) };
}

/** What ioredis needs to get there. */
export function redisTarget({ url, tlsCa, sentinelPassword }: RedisAddress): Omit<RedisOptions, "replyMapping"> {
  const parsed = parseRedisUrl(url);
  if (!parsed) throw new Error(`REDIS_URL must be ${redisUrlForms}.`);
  const { tls, hosts, master, ...login } = parsed;
  const secured = tls ? { ca: tlsCa === undefined ? undefined : readCa(tlsCa) } : undefined;
  if (master === undefined) return { ...hosts[0], ...login, ...(secured && { tls: secured }) };
  return {
    ...login,
    sentinels: hosts,
    name: master,
    Connector: LastingSentinelConnector,
    // A master that hangs is left when the sentinels have chosen another, not when its socket dies.
    failoverDetector: true,
    sentinelRetryStrategy: (times) => Math.min(1_000, 50 * times),
    sentinelCommandTimeout: 2_000,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(secured && { tls: secured, sentinelTLS: secured, enableTLSForSentinelMode: true }),
  };
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`REDIS_TLS_CA is ${path}, which cannot be read.`, { cause });
  }
}

/** For messages: without login. */
export const redisPlace = (url: string): string => url.replace(/\/\/[^@/]*@/, "//");
