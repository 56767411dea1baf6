// System calls as a program that was let into an engine's image would make them: with the Python that is there.
import { isArchitecture, refused } from "#scripts/stack/seccomp.ts";
import type { Project } from "./project.ts";

export const refusals: readonly string[] = ["EPERM", "ENOSYS", "EAFNOSUPPORT"];

/** The number of each call on x64 and arm64. Where it is `possible`, an unprivileged program without a filter gets beyond its door, if only to an argument that is wrong. */
type Call = { x64?: number; arm64?: number; arguments?: readonly number[]; possible?: true };
const socket = (family: number, type: number, protocol = 0) => ({ ...refused.socket, arguments: [family, type, protocol] });

export const attempts = {
  "another process's steps": { ...refused.ptrace, possible: true },
  "another process's memory": { ...refused.process_vm_readv, arguments: [1, 0, 0, 0, 0, 0], possible: true },
  "to write another process's memory": { ...refused.process_vm_writev, arguments: [1, 0, 0, 0, 0, 0], possible: true },
  "a file that only memory holds, which could be executed": { x64: 319, arm64: 279, possible: true },
  "a System V queue": { x64: 68, arm64: 186, arguments: [0, 0o600], possible: true },
  "a ring of keys": { ...refused.keyctl, arguments: [0, -3, 1], possible: true },
  "a key": { ...refused.request_key, possible: true },
  "page faults of its own": { ...refused.userfaultfd, arguments: [1], possible: true },
  "addresses that are not random": { ...refused.personality, arguments: [0x4_0000], possible: true },
  "a user namespace": { ...refused.unshare, arguments: [0x1000_0000], possible: true },
  "another's namespace": { ...refused.setns, possible: true },
  "pages given to a pipe": { ...refused.vmsplice, possible: true },
  netlink: { ...socket(16, 3), possible: true },
  IPv6: socket(10, 1),
  "raw packets": socket(17, 3),
  "the kernel's ciphers": socket(38, 5),
  "the hypervisor's sockets": socket(40, 1),
  SCTP: socket(2, 1, 132),
  "multipath TCP": socket(2, 1, 262),
  io_uring: { ...refused.io_uring_setup, arguments: [1, 0] },
  clone3: refused.clone3,
  "a mount": refused.mount,
  "a file system": refused.fsopen,
  "a file by its handle": refused.open_by_handle_at,
  bpf: refused.bpf,
  "performance counters": refused.perf_event_open,
  "a module": refused.finit_module,
  "another kernel": refused.kexec_file_load,
  "another time": refused.clock_settime,
  "another name of the host": refused.sethostname,
  swap: refused.swapon,
  reboot: refused.reboot,
} as const satisfies Record<string, Call>;

export type Attempt = keyof typeof attempts;

const program = `
import ctypes, errno, json, os, sys
syscall = ctypes.CDLL(None, use_errno=True).syscall
def attempt(number, arguments):
    if syscall(number, *(ctypes.c_long(each) for each in arguments)) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]
def alone(*call):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, attempt(*call).encode())
        os._exit(0)
    os.wait()
    return os.read(reader, 64).decode()
print(json.dumps({name: alone(*call) for name, call in json.loads(sys.argv[1]).items()}))
`;

/** What becomes of each, every one in a process of its own: "done" or the name of the error. `where` are Docker's words up to the command. */
export async function tryCalls(project: Project, where: readonly string[], names: readonly Attempt[]): Promise<Record<string, string>> {
  const { arch } = process;
  if (!isArchitecture(arch)) throw new Error(`the calls have no numbers here for ${arch}`);
  const calls = names.map((name) => {
    const call: Call = attempts[name];
    return [name, [call[arch] ?? -1, call.arguments ?? [0, 0, 0]]];
  });
  return JSON.parse(await project.docker(...where, "/opt/unoserver/bin/python", "-c", program, JSON.stringify(Object.fromEntries(calls))));
}
