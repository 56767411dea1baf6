/** Asks at most once in `forMs`, and never twice at a time; a failure is not kept. */
export function kept<T>(forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; at: number } | undefined;
  return () => {
    if (last && Date.now() - last.at < forMs) return last.value;
    const value = ask();
    const mine = { value, at: Date.now() };
    last = mine;
    value.catch(() => {
      if (last === mine) last = undefined;
    });
    return value;
  };
}
