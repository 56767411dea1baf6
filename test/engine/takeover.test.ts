// What a box can do that was taken over by a document: a program of the attacker's runs where the box's own does.
import { createServer } from "node:net";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { doneOf, testBox } from "./support/box.ts";
import { inside } from "./support/inside.ts";

process.env.CANARY_SECRET = "canary-of-the-host";

test("there is no route, no name service and no service of the machine", async () => {
  const listener = createServer();
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  const address = listener.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const answer = await inside(`
import socket, errno
def reach(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return "reached"
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
def name():
    try:
        return socket.getaddrinfo("example.com", 80)
    except OSError:
        return "unknown"
answer = [reach("1.1.1.1", 53), reach("10.0.0.1", 80), reach("169.254.169.254", 80), reach("127.0.0.1", ${port}), name()]`);
  listener.close();
  expect(answer).toEqual(["ENETUNREACH", "ENETUNREACH", "ENETUNREACH", "ECONNREFUSED", "unknown"]);
});

test("there is no other process, and no name of the machine", async () => {
  const answer = await inside(`
names = sorted(open(f"/proc/{pid}/comm").read().strip() for pid in os.listdir("/proc") if pid.isdigit())
answer = [names, os.uname().nodename]`);
  expect(answer).toEqual([["bwrap", "python3"], "box"]);
  expect(hostname()).not.toBe("box");
});

test("there is no file but programs, fonts and the box's own code", async () => {
  const answer = await inside(`
answer = [sorted(os.listdir(path)) for path in ("/", "/etc", "/app", "/app/origin", "/usr", "/run/box", "/work", "/tmp")]
answer.append([path for path in ("/etc/passwd", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/usr/local", "/home", "/root/.ssh", "/sys", "/boot", "/usr/lib/jvm/default-java", "/usr/share/doc", "/usr/src") if os.path.exists(path)])`);
  expect(answer).toEqual([
    ["app", "bin", "dev", "etc", "lib", "lib64", "opt", "proc", "run", "tmp", "usr", "var", "work"],
    expect.not.arrayContaining(["passwd", "hosts", "shadow", "ssl", "ssh"]),
    ["contract", "node_modules", "origin", "package.json"],
    ["engine"],
    ["bin", "lib", "lib64", "share"],
    [],
    [],
    [],
    [],
  ]);
});

test("there is no secret in the environment", async () => {
  expect(await inside("answer = sorted(os.environ)")).toEqual(
    ["BOX_CPUS", "BOX_LANES", "BOX_LISTEN", "BOX_SANDBOX", "BOX_WORKSPACE", "HOME", "LANG", "LC_CTYPE", "PATH", "PWD", "TMPDIR"].filter(
      (name) => name !== "LC_CTYPE",
    ),
  );
});

test("nothing can be written but the workspace, whose size is bounded", async () => {
  const answer = await inside(`
def writes(path):
    try:
        os.close(os.open(path + "/planted", os.O_CREAT | os.O_WRONLY))
        return True
    except OSError:
        return False
folders = [folder for folder, _, _ in os.walk("/", followlinks=False) if not folder.startswith(("/proc", "/app/node_modules", "/usr/lib", "/usr/share"))]
written = sorted(folder for folder in folders if writes(folder))
def fill(path):
    total = 0
    try:
        with open(path, "wb", buffering=0) as file:
            while total < 1e9:
                total += file.write(bytes(1000000))
    except OSError as error:
        return [total, error.errno]
    return [total, 0]
answer = [written, fill("/work/fill"), fill("/tmp/fill")]`);
  expect(answer).toEqual([
    ["/run/box", "/tmp", "/work"],
    [expect.any(Number), 28],
    [expect.any(Number), 28],
  ]);
  const [, [work], [tmp]] = answer as [string[], [number], [number]];
  expect(work).toBeLessThanOrEqual(20_000_000 + 4096);
  expect(tmp).toBeLessThanOrEqual(268_435_456);
});

test("it is nobody, without capabilities, and refused what a conversion never needs", async () => {
  const answer = await inside(`
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def fails(*arguments):
    result = libc.syscall(*arguments)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else "done"
numbers = {"x86_64": dict(unshare=272, mount=165, ptrace=101, bpf=321, keyctl=250, userfaultfd=323, perf=298, ring=425, clone3=435, persona=135, handle=304),
           "aarch64": dict(unshare=97, mount=40, ptrace=117, bpf=280, keyctl=219, userfaultfd=282, perf=241, ring=425, clone3=435, persona=92, handle=265)}[os.uname().machine]
calls = {name: fails(number, 0x10000000 if name == "unshare" else 0, 0, 0, 0, 0) for name, number in numbers.items()}
def family(number):
    try:
        socket.socket(number, socket.SOCK_DGRAM).close()
        return "opened"
    except OSError as error:
        return errno.errorcode[error.errno]
status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
answer = [calls, [family(number) for number in (1, 2, 10, 16, 17)], [status[key] for key in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")], os.getuid(), os.getgroups()]`);
  const none = "0000000000000000";
  const refused = ["unshare", "mount", "ptrace", "bpf", "keyctl", "userfaultfd", "perf", "persona", "handle"];
  expect(answer).toMatchObject([
    { ...Object.fromEntries(refused.map((name) => [name, "EPERM"])), ring: "ENOSYS", clone3: "ENOSYS" },
    ["opened", "opened", "EAFNOSUPPORT", "EAFNOSUPPORT", "EAFNOSUPPORT"],
    [none, none, none, none, none, "1", "2"],
    expect.any(Number),
    expect.any(Array),
  ]);
  expect((answer as unknown[])[3]).toBeGreaterThan(60_000);
});

test("a fork bomb, a memory hog and open files end at their limits, while another box works", async () => {
  const other = await testBox({}, ["light"]);
  const converts = async () => doneOf(await other.convert("two-pages.pdf", { operation: "pdf.to-text" })).results.length;
  const bombed = inside(`
import signal, time
children = []
try:
    while len(children) < 5000:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError as error:
    pass
time.sleep(1)
try:
    hog, refused = bytearray(6000000000), False
except MemoryError:
    refused = True
files = []
try:
    while len(files) < 5000:
        files.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
answer = [len(children), refused, len(files)]
for child in children:
    os.kill(child, 9)`);
  expect(await converts()).toBe(1);
  const [children, refused, files] = (await bombed) as [number, boolean, number];
  expect(children).toBeLessThan(512);
  expect(refused).toBe(true);
  expect(files).toBeLessThan(1024);
  expect(await converts()).toBe(1);
});
