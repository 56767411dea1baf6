import { newId } from "#contract/ids.ts";

/** The only place of the edge that draws randomness. */
export const randomId = <P extends Parameters<typeof newId>[0]>(prefix: P) => newId(prefix, crypto.getRandomValues(new Uint8Array(16)));
