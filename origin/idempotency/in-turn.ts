// Who changes the same thing waits here and not on the database's lock: an account never holds more than one connection of the pool.
const last = new Map<string, Promise<unknown>>();

/** Runs `work` when the work of the same name that came before has ended, well or not. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  last.set(name, mine);
  try {
    return await mine;
  } finally {
    if (last.get(name) === mine) last.delete(name);
  }
}
