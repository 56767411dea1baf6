import { expect, test } from "vitest";
import { addressesKeptMs, boxAddresses, systemResolve } from "./box-addresses.ts";

const silent = { onError: () => {} };

/** A name server whose one name has these addresses; none: it fails. */
function nameServer(addresses: string[] | undefined) {
  const state = { addresses, asked: [] as string[] };
  const resolve = async (name: string) => {
    state.asked.push(name);
    if (!state.addresses) throw new Error("SERVFAIL");
    return [...state.addresses];
  };
  return { state, resolve };
}

test("a name stands for each of its addresses, of either family, beside fixed ones", async () => {
  const { resolve } = nameServer(["10.0.0.9", "fd00::2", "10.0.0.1"]);
  const addresses = boxAddresses(["unix:/run/a.sock", "dns://engine:8790", "http://[::1]:9000"], { ...silent, resolve });
  expect(await addresses()).toEqual([
    "unix:/run/a.sock",
    "http://10.0.0.1:8790",
    "http://10.0.0.9:8790",
    "http://[fd00::2]:8790",
    "http://[::1]:9000",
  ]);
});

test("an address that two names share is one box", async () => {
  const { resolve } = nameServer(["10.0.0.1"]);
  expect(await boxAddresses(["dns://a:1", "dns://b:1", "http://10.0.0.1:1"], { ...silent, resolve })()).toEqual(["http://10.0.0.1:1"]);
});

test("boxes come and go with their name, which is asked each time", async () => {
  const { state, resolve } = nameServer(["10.0.0.1"]);
  const addresses = boxAddresses(["dns://engine:1"], { ...silent, resolve });
  expect(await addresses()).toEqual(["http://10.0.0.1:1"]);
  state.addresses = ["10.0.0.2", "10.0.0.3"];
  expect(await addresses()).toEqual(["http://10.0.0.2:1", "http://10.0.0.3:1"]);
  state.addresses = [];
  expect(await addresses()).toEqual([]);
  expect(state.asked).toEqual(["engine", "engine", "engine"]);
});

test("a name that cannot be resolved keeps its boxes for a while, and is complained about once", async () => {
  let now = 1_000_000;
  const faults: unknown[] = [];
  const { state, resolve } = nameServer(["10.0.0.1"]);
  const addresses = boxAddresses(["dns://engine:1"], { resolve, now: () => now, onError: (fault) => faults.push(fault) });
  await addresses();
  state.addresses = undefined;
  now += addressesKeptMs - 1;
  expect(await addresses()).toEqual(["http://10.0.0.1:1"]);
  now += 1;
  expect(await addresses()).toEqual([]);
  expect(faults).toEqual([expect.objectContaining({ message: "the boxes at dns://engine:1 are not found" })]);
  state.addresses = ["10.0.0.4"];
  expect(await addresses()).toEqual(["http://10.0.0.4:1"]);
});

test("a resolver that hangs holds up nobody for long, and is not asked again meanwhile", async () => {
  let asked = 0;
  const resolve = () => {
    asked += 1;
    return new Promise<string[]>(() => {});
  };
  const addresses = boxAddresses(["dns://engine:1"], { ...silent, resolve, withinMs: 20 });
  expect(await Promise.all([addresses(), addresses()])).toEqual([[], []]);
  expect(asked).toBe(1);
});

test("the system's resolver knows what /etc/hosts says", async () => {
  expect(await systemResolve("localhost")).toContain("127.0.0.1");
});
