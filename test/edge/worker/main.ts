// The Worker as it is, with an account object that can be evicted, made to fail, and looked into.
import { default as edge, AccountObject as RealAccountObject } from "#edge/main.ts";

type Bindings = { ACCOUNTS: DurableObjectNamespace<AccountObject> };
type Fault = "throw" | "hang";

const faults = new Map<string, Fault>();

export class AccountObject extends RealAccountObject {
  override async admit(question: Parameters<RealAccountObject["admit"]>[0]) {
    const fault = faults.get(question.credential.account);
    if (fault === "throw") throw new Error("the test wants it so");
    if (fault === "hang") await new Promise(() => undefined);
    return super.admit(question);
  }
  evict(): void {
    this.ctx.abort("evicted by a test");
  }
  async kept(): Promise<{ keys: string[]; tables: string[]; alarm: number | null }> {
    const { kv, sql } = this.ctx.storage;
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    return {
      keys: [...kv.list()].map(([key]) => key),
      // The runtime and the emulator have tables of their own.
      tables: tables.map(({ name }) => name).filter((name) => !name.startsWith("_")),
      alarm: await this.ctx.storage.getAlarm(),
    };
  }
}

async function control(request: Request, { ACCOUNTS }: Bindings): Promise<Response> {
  const [, , account = "", verb, mode] = new URL(request.url).pathname.split("/");
  const object = ACCOUNTS.getByName(account);
  if (verb === "evict") await object.evict().catch(() => undefined);
  else if (verb === "kept") return Response.json(await object.kept());
  else if (verb === "admit") return Response.json(await object.admit(await request.json()));
  else if (verb === "fault" && (mode === "throw" || mode === "hang")) faults.set(account, mode);
  else if (verb === "fault") faults.delete(account);
  return new Response(null, { status: 204 });
}

export default {
  fetch: (request, bindings, ctx) =>
    new URL(request.url).pathname.startsWith("/test/") ? control(request, bindings) : edge.fetch(request, bindings, ctx),
} satisfies ExportedHandler<Bindings>;
