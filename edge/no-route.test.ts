import { expect, test } from "vitest";
import { methodsOf } from "./no-route.ts";

test.each([
  ["/v1/jobs", ["POST", "GET", "HEAD"]],
  ["/v1/jobs/x", ["GET", "DELETE", "HEAD"]],
  ["/v1/jobs/x/results/0", ["GET", "HEAD"]],
  ["/openapiXjson", []],
  ["/v1/jobs/x/y", []],
])("%s takes %j", (path, methods) => {
  expect(methodsOf(path)).toEqual(methods);
});
