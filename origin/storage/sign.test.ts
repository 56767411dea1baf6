import { AwsClient } from "aws4fetch";
import { expect, test } from "vitest";
import { signer } from "./sign.ts";

const credentials = { accessKeyId: "an-id", secretAccessKey: "a-secret" };
const now = new Date("2026-03-04T05:06:07.089Z");
const address = "https://an-account.r2.cloudflarestorage.com/results";

test.each([
  ["GET", `${address}/acc_1/upl_2`, { "if-match": '"an-etag"' }],
  [
    "PUT",
    `${address}/acc_1/job_2/1/0`,
    {
      "content-type": "application/pdf",
      "content-length": "7",
      "content-disposition": "attachment; filename=\"two  spaces.pdf\"; filename*=UTF-8''a%20b.pdf",
    },
  ],
  ["GET", `${address}?list-type=2&max-keys=1000&prefix=acc_1%2Fupl_2`, {}],
  ["GET", `${address}?start-after=a%2Fb&list-type=2`, {}],
  ["DELETE", `http://127.0.0.1:8787/r2/uploads/a`, {}],
])("a %s of %s is signed as other clients of S3 sign it", async (method, url, headers) => {
  const aws = new AwsClient({ ...credentials, service: "s3", region: "auto" });
  const theirs = await aws.sign(url, {
    method,
    headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    aws: { datetime: "20260304T050607Z" },
  });
  expect(signer(credentials)(method, new URL(url), headers, now).authorization).toBe(theirs.headers.get("authorization"));
});

test("the key of one day signs nothing of the next", () => {
  const url = new URL(`${address}/a`);
  const sign = signer(credentials);
  const [first, next, again] = [now, new Date("2026-03-05T00:00:00Z"), now].map((moment) => sign("GET", url, {}, moment).authorization);
  expect(next).not.toBe(first);
  expect(again).toBe(first);
});
