// What an engine box sees and may do on a machine without containers: namespaces, a file system of its own, refused system calls, limits.
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isArchitecture, seccompFilter } from "./seccomp.ts";

export type SandboxOptions = {
  repo: string;
  socketDir: string;
  python: string | undefined;
  workspaceBytes: number;
  cpus: number;
  environment: Record<string, string>;
  /** Instead of the box's program, for tests: what a program in the box could do. */
  program: readonly string[] | undefined;
};

export const bubblewrap = "/usr/bin/bwrap";
const inside = { app: "/app", node: "/opt/node/bin", python: "/opt/unoserver", sockets: "/run/box" };
const GB = 1_000_000_000;
const java = "/usr/lib/jvm";
const temporaryBytes = 268_435_456;

/** Of /usr/share only what LibreOffice, Poppler and fontconfig read: fonts, dictionaries, tables. */
const shares = [
  ...["libreoffice", "fonts", "fontconfig", "hunspell", "hyphen", "mythes", "myspell", "liblangtag", "icu"],
  ...["poppler", "color", "zoneinfo", "mime", "glib-2.0", "misc", "X11"],
];

export function sandboxed(options: SandboxOptions): { command: string; args: string[] } {
  const { socketDir, environment, program } = options;
  const venv = options.python && existsSync(options.python) ? dirname(dirname(resolve(options.python))) : undefined;
  const variables = {
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    HOME: "/work",
    TMPDIR: "/tmp",
    ...environment,
    BOX_LISTEN: `unix:${inside.sockets}/box.sock`,
    BOX_SANDBOX: "bubblewrap",
    BOX_WORKSPACE: "/work",
    ...(venv && { UNOSERVER_PYTHON: `${inside.python}/bin/python` }),
  };
  const args = [
    ...["--die-with-parent", "--new-session", "--clearenv", "--hostname", "box"],
    ...["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"],
    ...identity(),
    ...files(options, venv),
    ...["--chdir", inside.app],
    ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value]),
    "--",
    ...becomeNobody(socketDir),
    ...limits(options.cpus),
    ...(program ?? [`${inside.node}/node`, "--disable-sigusr1", `${inside.app}/origin/engine/main.ts`]),
  ];
  return isArchitecture(process.arch) ? withFilter(filterPath(socketDir), args) : { command: bubblewrap, args };
}

const isRoot = process.getuid?.() === 0;

/** Root makes the mounts and the box gives root up; anybody else needs a user namespace to make them in. */
function identity(): string[] {
  if (!isRoot) return ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"];
  return ["--cap-drop", "ALL", ...["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((capability) => ["--cap-add", capability])];
}

/** An id that no account of the machine has and no other box shares, so that its processes are counted apart. */
function becomeNobody(socketDir: string): string[] {
  if (!isRoot) return [];
  const id = idOf(socketDir);
  const none = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"];
  return ["/usr/bin/setpriv", `--reuid=${id}`, `--regid=${id}`, ...none, "--"];
}

const idOf = (socketDir: string): number =>
  2_000_000_000 + (createHash("sha256").update(resolve(socketDir)).digest().readUInt32LE() % 100_000_000);

/** To be called before each start. A box makes its socket in the folder and is then shut out of it: what it writes there would be on the machine's own disk. */
export function socketFolder(socketDir: string, state: "open" | "sealed"): void {
  if (state === "open" && existsSync(bubblewrap)) writeFilter(filterPath(socketDir));
  if (!isRoot) return;
  const id = state === "open" ? idOf(socketDir) : 0;
  chownSync(socketDir, id, id);
  chmodSync(socketDir, state === "open" ? 0o700 : 0o711);
}

/** Inherited by every process of the box. When the machine runs out of memory, a box is what the kernel ends first. */
function limits(cpus: number): string[] {
  const each = { core: 0, nofile: 1024, nproc: 384 + 64 * cpus, fsize: 2 * GB, data: 4 * GB, memlock: 65_536, msgqueue: 0 };
  const given = Object.entries(each).map(([name, value]) => `--${name}=${value}`);
  return ["/usr/bin/choom", "-n", "900", "--", "/usr/bin/prlimit", ...given, "--"];
}

function files({ repo, socketDir, workspaceBytes }: SandboxOptions, venv: string | undefined): string[] {
  const shown = (path: string, at = path) => ["--ro-bind-try", path, at];
  const writable = (bytes: number, path: string) => ["--perms", "1777", "--size", `${bytes}`, "--tmpfs", path];
  const app = inside.app;
  const bases = venv ? pythonBase(venv) : [];
  const folders = [
    "/usr",
    "/usr/share",
    "/etc",
    "/var",
    "/var/cache",
    "/opt",
    "/opt/node",
    "/run",
    app,
    `${app}/origin`,
    ...bases.flatMap(parents),
  ];
  return [
    // bubblewrap makes missing folders for its own user alone
    ...folders.flatMap((path) => ["--perms", "0755", "--dir", path]),
    ...["bin", "lib", "lib64", ...shares.map((name) => `share/${name}`)].flatMap((name) => shown(`/usr/${name}`)),
    // LibreOffice starts no Java that it cannot find
    ...(existsSync(java) ? ["--perms", "0555", "--size", "4096", "--tmpfs", java, "--remount-ro", java] : []),
    ...["lib", "lib64", "bin"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    // the linker's cache, fonts and LibreOffice's settings; no accounts, no host names
    ...["/etc/ld.so.cache", "/etc/fonts", "/etc/libreoffice", "/etc/alternatives", "/var/cache/fontconfig"].flatMap((path) => shown(path)),
    ...["contract", "origin/engine", "package.json", "node_modules"].flatMap((path) => shown(join(repo, path), `${app}/${path}`)),
    ...shown(dirname(process.execPath), inside.node),
    ...(venv ? [...shown(venv, inside.python), ...bases.flatMap((path) => shown(path))] : []),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...writable(workspaceBytes, "/work"),
    ...writable(temporaryBytes, "/tmp"),
    ...["--bind", socketDir, inside.sockets],
    // both are tmpfs without a size: nothing may be written there, nor in /dev/shm
    ...["--remount-ro", "/", "--remount-ro", "/dev"],
  ];
}

/** Where a virtual environment's interpreter lives, unless that is under /usr/bin. */
function pythonBase(venv: string): string[] {
  const settings = existsSync(join(venv, "pyvenv.cfg")) ? readFileSync(join(venv, "pyvenv.cfg"), "utf8") : "";
  const home = /^home\s*=\s*(.+)$/m.exec(settings)?.[1]?.trim();
  return home && home !== "/usr/bin" ? [dirname(home)] : [];
}

const parents = (path: string): string[] => (dirname(path) === "/" ? [] : [...parents(dirname(path)), dirname(path)]);

/** Beside the socket's folder, where the box cannot reach it. */
const filterPath = (socketDir: string): string => `${resolve(socketDir)}.seccomp`;

function writeFilter(path: string): void {
  if (!isArchitecture(process.arch)) return;
  rmSync(path, { force: true });
  writeFileSync(path, seccompFilter(process.arch), { mode: 0o600, flag: "wx" });
}

/** bubblewrap reads the filter from a descriptor that it inherits, and the file is gone by then. */
function withFilter(path: string, args: string[]): { command: string; args: string[] } {
  const open = 'filter=$1; shift; exec 9<"$filter"; rm "$filter"; exec "$@"';
  return { command: "/bin/sh", args: ["-c", open, "box", path, bubblewrap, "--seccomp", "9", ...args] };
}
