// The system calls that an engine box is refused, as a classic BPF program, which bubblewrap loads (seccomp(2), bpf in linux/filter.h).
// Refused calls fail; nothing is killed for trying, but for calls of another architecture.

type Numbers = { x64?: number; arm64?: number };
/** Refused when an argument fits; otherwise always. */
type When = { argument: 0 | 1; hasAny: number } | { argument: 0 | 1; isNone: readonly number[] };
type Row = Numbers & { errno: number; when?: When };

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const namespaces = 0x7e02_0000; // CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
const families = [1, 2]; // AF_UNIX, and AF_INET for the box's own loopback

const call = (x64: number | undefined, arm64: number | undefined, errno = EPERM, when?: When): Row => ({
  ...(x64 !== undefined && { x64 }),
  ...(arm64 !== undefined && { arm64 }),
  errno,
  ...(when && { when }),
});

export const refused = {
  // mounts and roots
  mount: call(165, 40),
  umount2: call(166, 39),
  pivot_root: call(155, 41),
  chroot: call(161, 51),
  open_tree: call(428, 428),
  move_mount: call(429, 429),
  fsopen: call(430, 430),
  fsconfig: call(431, 431),
  fsmount: call(432, 432),
  fspick: call(433, 433),
  mount_setattr: call(442, 442),
  name_to_handle_at: call(303, 264),
  open_by_handle_at: call(304, 265),
  fanotify_init: call(300, 262),
  // namespaces
  unshare: call(272, 97),
  setns: call(308, 268),
  clone: call(56, 220, EPERM, { argument: 0, hasAny: namespaces }),
  clone3: call(435, 435, ENOSYS), // its flags are out of BPF's sight: libc falls back to clone
  // other processes
  ptrace: call(101, 117),
  process_vm_readv: call(310, 270),
  process_vm_writev: call(311, 271),
  process_madvise: call(440, 440),
  pidfd_getfd: call(438, 438),
  kcmp: call(312, 272),
  move_pages: call(279, 239),
  migrate_pages: call(256, 238),
  // parts of the kernel with a long history of holes
  bpf: call(321, 280),
  perf_event_open: call(298, 241),
  userfaultfd: call(323, 282),
  io_uring_setup: call(425, 425, ENOSYS),
  io_uring_enter: call(426, 426, ENOSYS),
  io_uring_register: call(427, 427, ENOSYS),
  add_key: call(248, 217),
  request_key: call(249, 218),
  keyctl: call(250, 219),
  vmsplice: call(278, 75),
  memfd_secret: call(447, 447),
  lookup_dcookie: call(212, 18),
  nfsservctl: call(180, 42),
  quotactl: call(179, 60),
  quotactl_fd: call(443, 443),
  uselib: call(134, undefined),
  modify_ldt: call(154, undefined),
  personality: call(135, 92),
  socket: call(41, 198, EAFNOSUPPORT, { argument: 0, isNone: families }),
  // the machine
  kexec_load: call(246, 104),
  kexec_file_load: call(320, 294),
  init_module: call(175, 105),
  finit_module: call(313, 273),
  delete_module: call(176, 106),
  reboot: call(169, 142),
  swapon: call(167, 224),
  swapoff: call(168, 225),
  acct: call(163, 89),
  syslog: call(103, 116),
  vhangup: call(153, 58),
  iopl: call(172, undefined),
  ioperm: call(173, undefined),
  settimeofday: call(164, 170),
  clock_settime: call(227, 112),
  clock_adjtime: call(305, 266),
  adjtimex: call(159, 171),
  sethostname: call(170, 161),
  setdomainname: call(171, 162),
} as const satisfies Record<string, Row>;

export type Architecture = keyof Numbers;
export const isArchitecture = (name: string): name is Architecture => name === "x64" || name === "arm64";

const audited = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
const x32Calls = 0x4000_0000;
const load = 0x20;
const equal = 0x15;
const atLeast = 0x35;
const hasBits = 0x45;
const answer = 0x06;
const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const fail = (errno: number): number => 0x0005_0000 | errno;
const numberAt = 0;
const architectureAt = 4;
/** The low half of an argument; both architectures are little-endian. */
const argumentAt = (index: number): number => 16 + 8 * index;

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

export function seccompFilter(architecture: Architecture): Buffer {
  const program: Instruction[] = [
    [load, 0, 0, architectureAt],
    [equal, 1, 0, audited[architecture]],
    [answer, 0, 0, killProcess],
    [load, 0, 0, numberAt],
  ];
  if (architecture === "x64") program.push([atLeast, 0, 1, x32Calls], [answer, 0, 0, fail(ENOSYS)]);
  for (const row of Object.values<Row>(refused)) {
    const number = row[architecture];
    if (number === undefined) continue;
    const body = judged(row);
    program.push([equal, 0, body.length, number], ...body);
  }
  program.push([answer, 0, 0, allow]);
  return Buffer.concat(program.map(encoded));
}

function judged({ errno, when }: Row): Instruction[] {
  const refuse: Instruction = [answer, 0, 0, fail(errno)];
  if (!when) return [refuse];
  const argument: Instruction = [load, 0, 0, argumentAt(when.argument)];
  if ("hasAny" in when) return [argument, [hasBits, 0, 1, when.hasAny], refuse, [answer, 0, 0, allow]];
  const compared = when.isNone.map((value, index): Instruction => [equal, when.isNone.length - index, 0, value]);
  return [argument, ...compared, refuse, [answer, 0, 0, allow]];
}

function encoded([code, ifTrue, ifFalse, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}
