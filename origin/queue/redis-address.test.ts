import { expect, test } from "vitest";
import { parseRedisUrl, redisPlace, redisTarget } from "./redis-address.ts";

test("one server is named by host, port, login and database", () => {
  expect(parseRedisUrl("redis://127.0.0.1:6380")).toEqual({ tls: false, hosts: [{ host: "127.0.0.1", port: 6380 }], db: 0 });
  expect(parseRedisUrl("rediss://ann:a%2Fb%40c@redis.example/3")).toEqual({
    tls: true,
    hosts: [{ host: "redis.example", port: 6379 }],
    db: 3,
    username: "ann",
    password: "a/b@c",
  });
  expect(parseRedisUrl("redis://[::1]:6380/")).toMatchObject({ hosts: [{ host: "::1", port: 6380 }] });
});

test("sentinels are a list of hosts, and the master has a name", () => {
  expect(parseRedisUrl("redis+sentinel://:word@a:26379,b,c:26380/mymaster/1")).toEqual({
    tls: false,
    hosts: [
      { host: "a", port: 26379 },
      { host: "b", port: 26379 },
      { host: "c", port: 26380 },
    ],
    master: "mymaster",
    db: 1,
    password: "word",
  });
  expect(redisTarget({ url: "rediss+sentinel://a/m" })).toMatchObject({ name: "m", enableTLSForSentinelMode: true });
});

test.each([
  "http://a:6379",
  "redis://a:1,b:2",
  "redis+sentinel://a:26379",
  "redis+sentinel://a,/m",
  "redis://a/x",
  "redis://",
  "redis://a/0/1",
])("%s is refused", (url) => {
  expect(parseRedisUrl(url)).toBeUndefined();
});

test("a message about Redis names the place and not the login", () => {
  expect(redisPlace("redis+sentinel://ann:word@a:1,b:2/m")).toBe("redis+sentinel://a:1,b:2/m");
});

test("an authority that cannot be read is named with its variable", () => {
  expect(() => redisTarget({ url: "rediss://a", tlsCa: "/none/ca.pem" })).toThrow("REDIS_TLS_CA is /none/ca.pem");
});
