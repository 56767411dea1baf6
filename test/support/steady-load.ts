/**
 * Asks so many times per second, whether or not earlier ones were answered, until it is stopped; then says what became of them.
 * `underWayMax`: never with more than so many under way, so that a machine that is busy otherwise gets fewer.
 */
export function steadyLoad(perSecond: number, ask: (n: number) => Promise<void>, underWayMax = Number.POSITIVE_INFINITY) {
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let asked = 0;
  const timer = setInterval(() => {
    if (underWay.size >= underWayMax) return;
    const one: Promise<void> = ask(asked++)
      .catch((error: unknown) => void failures.push(error instanceof Error ? `${error.message} ${error.cause ?? ""}` : String(error)))
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1_000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1_000;
      await Promise.all(underWay);
      return { asked, answered: asked - failures.length, perSecond: Math.round((asked / seconds) * 10) / 10, failures };
    },
  };
}
