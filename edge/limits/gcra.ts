// The rate limiter (GCRA, in its form as a leaky bucket). All numbers are integers, so that not one request too many passes.

/** `burst` requests at once, then `perMinute` on average. */
export type Policy = { name: string; perMinute: number; burst: number };

/** How full each policy's bucket was, and when. A request adds `unit`; a millisecond drains `perMinute`. */
export type Buckets = Record<string, { level: number; at: number }>;

/** What a policy has left. `resetMs`: until it is as if nothing had been asked. */
export type PolicyState = Policy & { remaining: number; resetMs: number };

export type Admission = { buckets: Buckets; states: PolicyState[]; refusal?: { policy: string; retryAfterMs: number } };

const unit = 60_000;

function drained({ perMinute }: Policy, bucket: Buckets[string] | undefined, now: number): number {
  if (bucket === undefined) return 0;
  return Math.max(0, bucket.level - Math.max(0, now - bucket.at) * perMinute);
}

/** One request under several policies: it counts for all of them or for none. */
export function admit(buckets: Buckets, policies: readonly Policy[], now: number): Admission {
  const before = policies.map((policy) => ({ policy, level: drained(policy, buckets[policy.name], now) }));
  const waits = before.map(({ policy, level }) => ({
    policy: policy.name,
    retryAfterMs: Math.ceil((level + unit - policy.burst * unit) / policy.perMinute),
  }));
  const refusal = waits.filter(({ retryAfterMs }) => retryAfterMs > 0).sort((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
  const after = before.map(({ policy, level }) => ({ policy, level: refusal ? level : level + unit }));
  const states = after.map(({ policy, level }) => ({
    ...policy,
    remaining: Math.max(0, Math.floor((policy.burst * unit - level) / unit)),
    resetMs: Math.ceil(level / policy.perMinute),
  }));
  if (refusal) return { buckets, states, refusal };
  // A clock that went back must not drain the same time twice.
  const at = (name: string) => Math.max(now, buckets[name]?.at ?? now);
  const changed = Object.fromEntries(after.map(({ policy: { name }, level }) => [name, { level, at: at(name) }]));
  return { buckets: { ...buckets, ...changed }, states };
}
