/** A fault that is told later: whoever may not ask learns that first. */
export async function attempt<T>(make: () => Promise<T>): Promise<{ value: T } | { fault: unknown }> {
  try {
    return { value: await make() };
  } catch (fault) {
    return { fault };
  }
}
