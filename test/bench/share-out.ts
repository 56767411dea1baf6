/** Works on the items with so many workers; each takes the next item when it is free. Results keep the order of the items. */
export async function shareOut<T, R>(items: readonly T[], workers: number, work: (item: T, worker: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const take = async (worker: number): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T, worker); // the index is below the length
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => take(worker)));
  return results;
}
