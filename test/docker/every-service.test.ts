// What holds for every container of the project.
import { describe, expect, test } from "vitest";
import { runningProject } from "./support/project.ts";
import { expectBounded, expectInPlace, expectSealed, places } from "./support/service-rules.ts";

const project = runningProject();
const containers = await project.containers();
const running = containers.filter(({ status }) => status === "running").map(({ service, id }) => [service, id] as const);

test("the one-shot services ended well, and every other runs", () => {
  const ended = containers.filter(({ status }) => status !== "running").map(({ service }) => service);
  expect(ended.sort()).toEqual(["migrate", "secrets"]);
  expect([...new Set(running.map(([service]) => service))].sort()).toEqual([...Object.keys(places), "edge"].sort());
});

describe.each(running)("%s", (service, id) => {
  test("is not root, has no capability, may gain none, and its files are read-only", () => expectSealed(project, id));

  test("has bounds of processor time, memory and processes, a health check, and comes back when it dies", () => expectBounded(project, id));

  test("has its place among the networks, and publishes no port unless it is the ingress", async () => {
    const port = new URL(project.address).port;
    if (service === "edge") await expectInPlace(project, id, ["front", "out"], [`127.0.0.1:${port}`]);
    else await expectInPlace(project, id, places[service] ?? [], []);
  });
});
