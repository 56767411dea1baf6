// What a document that took LibreOffice over leaves behind in its box is gone before the next document comes.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { fixture } from "#test/fixtures/make.ts";
import { codeOf, doneOf, testBox } from "./support/box.ts";
import { boxProcess, descendants } from "./support/processes.ts";

const box = await testBox();
/** A start of LibreOffice on a machine that is short of processors. */
const startsWithinMs = 90_000;
const launcher = () => box.box.child.pid ?? 0;
const toPdf = { operation: "office.to-pdf" };

beforeEach(async () => {
  await box.until(({ ready, slot }) => ready && slot === "free", startsWithinMs);
});

/** Runs a Python program in the running box, as its user. */
async function inBox(program: string): Promise<string> {
  const main = boxProcess(launcher());
  const { uid, gid } = statSync(`/proc/${main}`);
  const user = process.getuid?.() === 0 ? ["-S", `${uid}`, "-G", `${gid}`] : ["-U", "--preserve-credentials"];
  const args = ["-t", `${main}`, "-m", "-n", "-p", "-i", ...user, "--", "/usr/bin/python3", "-c", program];
  const { stdout } = await promisify(execFile)("/usr/bin/nsenter", args, { timeout: 20_000, cwd: "/" });
  return stdout;
}

/** Has LibreOffice itself start a program, by the door that UnoServer speaks to: what code in a document would do. */
const fromOffice = (program: string) =>
  inBox(`
import glob, re, time
open("/tmp/planted.py", "w").write(${JSON.stringify(program)})
import uno
port = next(found.group(1) for path in glob.glob("/proc/[0-9]*/cmdline") for found in [re.search(r"accept=socket,host=[^,]*,port=(\\d+)", open(path).read())] if found)
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
office = resolver.resolve(f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext")
office.ServiceManager.createInstanceWithContext("com.sun.star.system.SystemShellExecute", office).execute("/usr/bin/python3", "/tmp/planted.py", 0)
time.sleep(1)`);

const planted = () =>
  descendants(launcher()).filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("planted.py");
    } catch {
      return false;
    }
  });
const intruders = async () => (await box.health()).office.replaced.intruder ?? 0;

describe("when the task ends, nothing is left of", () => {
  const programs = {
    "a child of LibreOffice": "import time; time.sleep(600)",
    "a server that left LibreOffice's session": `
import os, socket, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        listening = [socket.create_server(("127.0.0.1", 4444)), socket.socket(socket.AF_UNIX)]
        listening[1].bind("\\0planted")
        time.sleep(600)`,
    "one that starts itself again and again": `
import os, time
while True:
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    time.sleep(0.001)`,
    "one that changes LibreOffice's profile": `
import os, time
for folder in ("/work/office", "/work/office/profile", "/work/office/profile/user", "/work/office/tmp", "/work", "/tmp"):
    open(folder + "/planted", "w").write("x")
time.sleep(600)`,
  };
  for (const [what, program] of Object.entries(programs))
    test(`${what}, and LibreOffice is another`, async () => {
      const before = await intruders();
      const task = await box.open();
      await box.put(task, await readFile(await fixture("letter.docx")));
      await fromOffice(program);
      await box.call("DELETE", `/tasks/${task}`);
      expect(planted()).toEqual([]);
      expect(await intruders()).toBe(before + 1);
      await box.until(({ ready }) => ready, startsWithinMs);
      expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
      const root = `/proc/${boxProcess(launcher())}/root`;
      const files = ["work/office", "work/office/profile", "work/office/profile/user", "work/office/tmp", "work", "tmp"];
      expect(files.filter((folder) => existsSync(`${root}/${folder}/planted`))).toEqual([]);
    });
});

test("what comes between two tasks is found before the second begins", async () => {
  await fromOffice("import time; time.sleep(600)");
  expect(planted()).toHaveLength(1);
  expect((await box.call("POST", "/tasks")).status).toBe(503);
  expect(planted()).toEqual([]);
  await box.until(({ ready }) => ready, startsWithinMs);
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
});

test("what its own work leaves dying is no intruder", async () => {
  const before = await intruders();
  expect(codeOf(await box.convert("endless.docx", { ...toPdf, deadlineMs: 1_500 }))).toBe("deadline-exceeded");
  expect(codeOf(await box.convert("twenty-pages.pdf", { operation: "pdf.to-images", options: { dpi: 600 }, deadlineMs: 700 }))).toBe(
    "deadline-exceeded",
  );
  await box.until(({ ready }) => ready, startsWithinMs);
  expect(doneOf(await box.convert("letter.docx", toPdf)).results).toHaveLength(1);
  expect(await intruders()).toBe(before);
});

test("where LibreOffice may convert one document, no other meets the same one, however soon it comes", async () => {
  const strict = await testBox({ OFFICE_DOCUMENTS_MAX: "1" }, ["office"]);
  const seen = new Set<number>();
  for (let n = 0; n < 3; n++) {
    for (const { pid, name } of descendants(strict.box.child.pid ?? 0)) if (name === "soffice.bin") seen.add(pid);
    doneOf(await strict.convert("letter.docx", toPdf));
    await strict.until(({ ready, office }) => ready && office.starts === n + 2 && office.documents === n + 1, startsWithinMs);
  }
  expect(seen.size).toBe(3);
});

test("the box's own process opens no debugger to whoever asks it", async () => {
  const answer = await inBox(`
import os, signal, socket, time
main = next(int(pid) for pid in os.listdir("/proc") if pid.isdigit() and open(f"/proc/{pid}/cmdline", "rb").read().split(b"\\0")[0].endswith(b"/node"))
os.kill(main, signal.SIGUSR1)
time.sleep(1)
probe = socket.socket()
probe.settimeout(2)
print(probe.connect_ex(("127.0.0.1", 9229)) == 0)`);
  expect(answer.trim()).toBe("False");
  await sleep(200);
  expect(await box.health()).toMatchObject({ ready: true });
});
