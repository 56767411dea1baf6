// A processor profile of the Worker's isolate, by workerd's inspector. Chrome's DevTools read it.
import { writeFile } from "node:fs/promises";
import { z } from "zod";

const Targets = z.array(z.object({ id: z.string(), title: z.string().optional(), webSocketDebuggerUrl: z.string() }));
const Message = z.looseObject({ id: z.int().optional(), result: z.looseObject({ profile: z.unknown() }).partial().optional() });

/** Profiles the Worker of this name until the work is done. */
export async function profileWorker(port: number, worker: string, path: string, work: () => Promise<unknown>): Promise<void> {
  const targets = Targets.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
  const target = targets.find(({ id, title }) => `${id} ${title}`.includes(worker));
  if (!target) throw new Error(`the inspector knows no Worker ${worker}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  const waiting = new Map<number, (message: z.infer<typeof Message>) => void>();
  socket.onmessage = ({ data }) => {
    const message = Message.parse(JSON.parse(String(data)));
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const call = (id: number, method: string) =>
    new Promise<z.infer<typeof Message>>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method }));
    });
  await call(1, "Profiler.enable");
  await call(2, "Profiler.start");
  await work();
  const { result } = await call(3, "Profiler.stop");
  socket.close();
  await writeFile(path, JSON.stringify(result?.profile));
}
