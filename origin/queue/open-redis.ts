import type { Redis } from "ioredis";
import type { Logger } from "../log.ts";
import { consumerConnection, producerConnection, ready } from "./connection.ts";
import type { RedisAddress } from "./redis-address.ts";
import { redisFitness } from "./redis-fitness.ts";

export type OpenRedis = {
  producer: Redis;
  /** One more connection for somebody who waits. */
  consumer(): Redis;
  close(): void;
};

const readyLimitMs = 10_000;

/** Connects, and refuses a Redis that would lose jobs. One that turns out so later is only told of: jobs outlive it. */
export async function openRedis(address: RedisAddress, { ephemeral, log }: { ephemeral: boolean; log: Logger }): Promise<OpenRedis> {
  const onError = (err: Error) => log.error({ err }, "redis connection failed");
  const producer = producerConnection(address, onError);
  const connections = [producer];
  await ready(producer, address, readyLimitMs);

  const fitness = async () => {
    const { faults, warnings } = await redisFitness(producer, { ephemeral });
    for (const warning of warnings) log.warn(warning);
    return faults;
  };
  const faults = await fitness();
  if (faults.length > 0) {
    producer.disconnect();
    throw new Error(faults.join("\n"));
  }
  producer.on("ready", () => {
    fitness().then(
      (found) => found.forEach((fault) => void log.error(fault)),
      (err: unknown) => log.error({ err }, "redis was not examined"),
    );
  });

  return {
    producer,
    consumer() {
      const connection = consumerConnection(address, onError);
      connections.push(connection);
      return connection;
    },
    close: () => {
      for (const connection of connections) connection.disconnect();
    },
  };
}
