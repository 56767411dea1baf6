// One suite, two profiles: what its tests know of the stack that they are given.
import type { Secrets } from "#scripts/stack/secrets.ts";

export type RunningStack = {
  profile: "native" | "docker";
  address: string;
  /** Where the origin's own door is. */
  origin: { originHost: string; originPort: number };
  secrets: Pick<Secrets, "edgeKey" | "r2AccessKeyId" | "r2SecretAccessKey">;
  /** What a job says of the box that converted it. */
  sandbox: "bubblewrap" | "container";
  /** Natively the folder of its state, in Docker the project. */
  place: string;
};

declare module "vitest" {
  interface ProvidedContext {
    stack: RunningStack;
  }
}
