// The profile `docker`: the compose project that `npm run test:docker` has started.
import type { TestProject } from "vitest/node";
import { runningProject } from "#test/docker/support/project.ts";
import type {} from "./running-stack.ts";

export default async function setup(project: TestProject) {
  const { address, name, addressOf, secret } = runningProject();
  project.provide("stack", {
    profile: "docker",
    address,
    origin: { originHost: await addressOf("api", "front"), originPort: 8788 },
    secrets: {
      edgeKey: await secret("edge_key"),
      r2AccessKeyId: await secret("r2_access_key_id"),
      r2SecretAccessKey: await secret("r2_secret_access_key"),
    },
    sandbox: "container",
    place: name,
  });
}
