/** Asks so many times per second, but never with more than so many under way: a machine that is busy otherwise gets fewer, and `stop` says how many. */
export function load(perSecond: number, underWayMax: number, ask: (n: number) => Promise<void>) {
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
      return { asked, perSecond: Math.round((asked / seconds) * 10) / 10, failures };
    },
  };
}
