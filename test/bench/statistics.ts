/** The value below which the given share of the values lies, between the two nearest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** For how long so many of the intervals ran at once: index 0 is none of them, up to the end of the last. */
export function concurrency(intervals: readonly { from: number; to: number }[], window: { from: number; to: number }): number[] {
  const moves = intervals
    .flatMap(({ from, to }) => [
      { at: Math.max(from, window.from), by: 1 },
      { at: Math.min(to, window.to), by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  const spans: number[] = [];
  let running = 0;
  let last = window.from;
  for (const { at, by } of [...moves, { at: window.to, by: 0 }]) {
    spans[running] = (spans[running] ?? 0) + at - last;
    running += by;
    last = at;
  }
  return Array.from(spans, (span) => span ?? 0);
}

/** The line through the points with the least squares, and the standard deviation of the points around it. */
export function leastSquares(xs: readonly number[], ys: readonly number[]) {
  const [meanX, meanY] = [sum(xs) / xs.length, sum(ys) / ys.length];
  const spread = sum(xs.map((x) => (x - meanX) ** 2));
  const slope = spread === 0 ? 0 : sum(xs.map((x, index) => (x - meanX) * ((ys[index] ?? meanY) - meanY))) / spread;
  const at = (x: number): number => meanY + slope * (x - meanX);
  const deviation = Math.sqrt(sum(xs.map((x, index) => ((ys[index] ?? meanY) - at(x)) ** 2)) / xs.length);
  return { slope, at, deviation };
}
