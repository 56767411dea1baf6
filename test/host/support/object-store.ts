// The buckets of a host under test: a volume of its edge, and somebody else's in production.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { r2 } from "#origin/storage/r2.ts";
import { baseVersion, type Host } from "./host.ts";

const run = promisify(execFile);
const image = `localhost/trustyconvert/dev-edge:${baseVersion}`;

/** What a host keeps outside of its database goes to the other one: the secrets, and the buckets, where all was stored two hours ago. */
export async function moveStores(from: Host, to: Host): Promise<void> {
  await from.compose("stop", "api", "worker", "edge");
  for (const volume of ["secrets", "objects"]) {
    const mounts = ["-v", `${from.name}_${volume}:/from:ro`, "-v", `${to.name}_${volume}:/to`];
    await run("docker", [
      "run",
      "--rm",
      "--network",
      "none",
      "--user",
      "0",
      ...mounts,
      "--entrypoint",
      "cp",
      image,
      "-a",
      "/from/.",
      "/to/",
    ]);
  }
  const asEdge = ["run", "--rm", "--network", "none", "-v", `${to.name}_objects:/objects`, "--entrypoint", "node", image];
  const { stdout } = await run("docker", [...asEdge, "-e", makeOlder]);
  if (Number(stdout) === 0) throw new Error("no object was made older");
}

export async function removeResult(host: Host, key: string): Promise<void> {
  const [accessKeyId, secretAccessKey] = [await host.secret("r2_access_key_id"), await host.secret("r2_secret_access_key")];
  const endpoint = `http://localhost:${host.port}/cdn-cgi/local/r2/s3`;
  const buckets = { uploads: "trustyconvert-uploads", results: "trustyconvert-results" };
  const objects = r2({ endpoint, accessKeyId, secretAccessKey, buckets });
  await objects.remove({ bucket: "results", key });
  await objects.close();
}

/** In the tables of R2's emulation, while nobody uses them. */
const makeOlder = `
  const { DatabaseSync } = require("node:sqlite");
  let changed = 0;
  for (const file of require("node:fs").globSync("/objects/**/*.sqlite")) {
    const database = new DatabaseSync(file);
    if (database.prepare("select 1 from sqlite_master where name = '_mf_objects'").get())
      changed += Number(database.prepare("update _mf_objects set uploaded = uploaded - 7200000").run().changes);
    database.close();
  }
  console.log(changed);`;
