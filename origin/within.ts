/** What a promise came to within its time; its own end is not waited for after that. */
export type Within<T> =
  | { status: "ok"; ms: number; value: T }
  | { status: "failed"; ms: number; error: unknown }
  | { status: "late"; ms: number };

/** Never rejects, and always resolves in time. */
export async function within<T>(limitMs: number, ask: () => Promise<T>): Promise<Within<T>> {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Within<T>>((resolve) => {
    timer = setTimeout(() => resolve({ status: "late", ms: ms() }), limitMs);
  });
  const asked = Promise.resolve()
    .then(ask)
    .then(
      (value): Within<T> => ({ status: "ok", ms: ms(), value }),
      (error: unknown): Within<T> => ({ status: "failed", ms: ms(), error }),
    );
  const first = await Promise.race([asked, late]);
  clearTimeout(timer);
  return first;
}
