import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "./ports.ts";

const few = { lowest: 19_400, highest: 19_404 };

async function drawAll(): Promise<number[]> {
  const drawn: number[] = [];
  for (;;) {
    const port = await freePort(few).catch(() => undefined);
    if (port === undefined) return drawn;
    drawn.push(port);
  }
}

test.runIf(process.platform === "linux")(
  "a port that was drawn is drawn again neither here nor elsewhere, though nothing listens on it yet (on Linux)",
  async () => {
    const ours = await drawAll();
    expect(ours).toHaveLength(new Set(ours).size);
    expect(ours).not.toEqual([]);
    const draw = `import { freePort } from ${JSON.stringify(join(import.meta.dirname, "ports.ts"))};
      console.log(await freePort(${JSON.stringify(few)}).catch(() => "none"));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", draw]);
    expect(stdout.trim()).toBe("none");
  },
);
