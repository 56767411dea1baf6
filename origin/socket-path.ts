/** The path of a unix: address, as it was written: URL would encode its spaces and what is not ASCII. Undefined for other addresses. */
export const socketPath = (address: string): string | undefined =>
  address.startsWith("unix:") ? address.slice("unix:".length) : undefined;
