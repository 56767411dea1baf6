import { expect, test } from "vitest";
import { callerOf, inRanges, isRange } from "./addresses.ts";

test.each([
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  ["192.0.2.7", "192.0.2.0/24", true],
  ["192.0.3.7", "192.0.2.0/24", false],
  ["::ffff:192.0.2.7", "192.0.2.0/24", true],
  ["192.0.2.7", "::ffff:192.0.2.0/120", true],
  ["192.0.3.7", "::ffff:192.0.2.0/120", false],
  ["2001:db8::1", "2001:db8::/32", true],
  ["2001:DB8:0:0::1", "2001:db8::1", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["192.0.2.7", "::/0", false],
  ["2001:db8::1", "0.0.0.0/0", false],
  ["", "0.0.0.0/0", false],
  ["nonsense", "0.0.0.0/0", false],
])("%s in %s: %s", (address, range, within) => {
  expect(inRanges(address, ["198.51.100.0/24", range])).toBe(within);
});

test.each(["192.0.2.0/33", "2001:db8::/129", "example.com", "", "192.0.2.0/", "10", "10/8"])("%j is no range", (range) => {
  expect(isRange(range)).toBe(false);
});

test("an IPv4 address is one caller, an IPv6 address is its /64", () => {
  expect(callerOf("192.0.2.7")).toBe("192.0.2.7");
  expect(callerOf("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(callerOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(callerOf("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
  expect(callerOf("not an address")).toBe("unknown");
});
