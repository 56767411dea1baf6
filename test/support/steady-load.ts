/** Asks so many times per second, whether or not earlier ones were answered, until it is stopped; then says what became of them. */
export function steadyLoad(perSecond: number, ask: (n: number) => Promise<void>) {
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let asked = 0;
  const timer = setInterval(() => {
    const one = ask(asked++)
      .catch((error: unknown) => void failures.push(String(error)))
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1_000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      return { answered: asked - failures.length, failures };
    },
  };
}
