// Internet addresses: are they in a range, and which of them are one caller.
import ipaddr from "ipaddr.js";

const wholeLength = { ipv4: 32, ipv6: 128 } as const;
/** Of `::ffff:192.0.2.0/120` so many bits only say that it is IPv4 (RFC 4291, 2.5.5.2). */
const mappedBits = 96;
/** What one customer of a provider usually has. */
const ipv6CallerBits = 64;

/** The library also takes `10` for 0.0.0.10, as inet_aton(3) does. */
const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/** IPv4 written as IPv6 is IPv4. Undefined for what is no address. */
const parse = (address: string) => (isAddress(address) ? ipaddr.process(address) : undefined);

function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(range) && isAddress(range.slice(0, range.indexOf("/")))) {
    const [start, bits] = ipaddr.parseCIDR(range);
    const mapped = start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && bits >= mappedBits;
    return mapped ? [start.toIPv4Address(), bits - mappedBits] : [start, bits];
  }
  const address = parse(range);
  return address && [address, wholeLength[address.kind()]];
}

export const isRange = (range: string): boolean => parseRange(range) !== undefined;

/** Whether the address lies in one of the ranges (`192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`). What is no address lies in none. */
export function inRanges(address: string, ranges: readonly string[]): boolean {
  if (ranges.length === 0) return false;
  const parsed = parse(address);
  if (parsed === undefined) return false;
  return ranges.some((range) => {
    const [start, bits] = parseRange(range) ?? [];
    return start !== undefined && bits !== undefined && start.kind() === parsed.kind() && parsed.match(start, bits);
  });
}

/** Whom an address is counted as: IPv4 by itself, IPv6 by its /64. */
export function callerOf(address: string): string {
  const parsed = parse(address);
  if (parsed === undefined) return "unknown";
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${ipv6CallerBits}`)}/${ipv6CallerBits}`;
}
