// The account's record at the edge: every authenticated request passes it once.
import { DurableObject } from "cloudflare:workers";
import type { AccountSnapshot } from "#contract/accounts.ts";
import type { Principal } from "#contract/assertion.ts";
import type { Features } from "#contract/features.ts";
import type { Access } from "#contract/routes/shared.ts";
import type { TierLimits } from "#contract/tiers.ts";
import { envOf } from "../env.ts";
import { admit, type Buckets, type PolicyState } from "../limits/gcra.ts";
import { fileBytesMax } from "../uploads/check-size.ts";
import { fetchSnapshot } from "./fetch-snapshot.ts";
import { type Credential, identify, keyOf, type Refusal } from "./identify.ts";
import { type Current, type Held, keepSnapshot } from "./keep-snapshot.ts";
import { type Announced, outstandingUploads, type Upload } from "./outstanding-uploads.ts";
import { ratePolicies } from "./rate-policies.ts";

export type Question = {
  credential: Credential;
  address: string;
  access: Access;
  /** Rate policies of the operations that are asked for. */
  operations?: readonly string[];
  /** An upload that is announced. */
  upload?: Upload;
};

export type Admitted = { principal: Principal; limits: TierLimits; features: Features };
/** `rates` are there as soon as it is known who asks. */
export type Verdict = ({ admitted: Admitted } | { refusal: Refusal }) & { rates?: PolicyState[] };

/** What a request leaves behind, by key of the storage. Test keys have buckets of their own, so that no test slows live work down. */
type Stored = { snapshot: Held; live: Buckets; test: Buckets };

const retryAfterSeconds = 5;
const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

export class AccountObject extends DurableObject<object> {
  readonly #forgetMs: number;
  readonly #keeper: ReturnType<typeof keepSnapshot>;
  readonly #uploads: ReturnType<typeof outstandingUploads>;
  readonly #buckets: { live: Buckets; test: Buckets };
  #alarmIsSet = false;
  /** An object that its alarm wakes may not know its own name; whoever asks does. */
  #account = "";

  constructor(ctx: DurableObjectState, bindings: object) {
    super(ctx, bindings);
    const env = envOf(bindings);
    this.#forgetMs = env.ACCOUNT_FORGET_MS;
    this.#buckets = { live: this.#stored("live") ?? {}, test: this.#stored("test") ?? {} };
    this.#uploads = outstandingUploads(ctx.storage.sql);
    this.#keeper = keepSnapshot({
      held: this.#stored("snapshot"),
      clock: () => Date.now(),
      fetch: () => fetchSnapshot(env, this.#account),
      save: (held) => this.#store("snapshot", held),
      forget: () => this.ctx.waitUntil(this.#forget()),
      failed: (cause) =>
        console.warn(JSON.stringify({ level: "warn", message: "account state not refreshed", account: this.#account, cause: `${cause}` })),
      refreshMs: env.SNAPSHOT_REFRESH_MS,
      maxMs: env.SNAPSHOT_MAX_MS,
    });
  }

  /** Who is it, may the account, how much is left: one answer. */
  async admit(question: Question): Promise<Verdict> {
    const { credential } = question;
    this.#account = credential.account;
    let current = await this.#keeper.current();
    if ("snapshot" in current && keyOf(current.snapshot, credential) === null) current = await this.#keeper.lookAgain();
    if ("snapshot" in current) return this.#decide(current.snapshot, question, Date.now());
    return { refusal: refusalOf(current, credential) };
  }

  /** The origin's word about a change. */
  push(snapshot: AccountSnapshot): void {
    this.#keeper.push(snapshot);
  }

  /** A job uses these uploads from now on. */
  used(uploads: readonly string[]): void {
    this.#uploads.use(uploads);
  }

  /** Forgets everything once nobody has asked for a while. */
  override async alarm(): Promise<void> {
    this.#alarmIsSet = false;
    const askedAt = Math.max(0, ...Object.values({ ...this.#buckets.live, ...this.#buckets.test }).map(({ at }) => at));
    if (Date.now() - askedAt >= this.#forgetMs) return this.#forget();
    await this.#wakeAt(askedAt + this.#forgetMs);
  }

  #decide(snapshot: AccountSnapshot, { credential, address, access, operations = [], upload }: Question, now: number): Verdict {
    const identity = identify(snapshot, credential, address, now);
    if ("refusal" in identity) return identity;
    const { principal } = identity;
    const { limits, features, suspended } = snapshot;

    const mode = principal.livemode ? "live" : "test";
    const { buckets, states: rates, refusal } = admit(this.#buckets[mode], ratePolicies(limits, access.policies, operations), now);
    if (refusal) {
      const { policy, retryAfterMs } = refusal;
      const detail = `The account's rate for ${policy} is used up.`;
      return { refusal: { code: "rate-limited", detail, policy, retryAfterSeconds: seconds(retryAfterMs) }, rates };
    }
    this.#buckets[mode] = buckets;
    this.#store(mode, buckets);
    if (!this.#alarmIsSet) void this.#wakeAt(now + this.#forgetMs);

    if (suspended) return { refusal: { code: "account-suspended" }, rates };
    if (access.scope !== "anybody" && !principal.scopes.includes(access.scope))
      return { refusal: { code: "scope-missing", detail: `It takes the scope ${access.scope}.` }, rates };
    const admitted = { principal, limits, features };
    const announced = upload && upload.bytes <= fileBytesMax(admitted) && this.#announce(upload, admitted, now);
    if (announced && !announced.accepted) return { refusal: outstanding(announced, limits), rates };
    return { admitted, rates };
  }

  #announce(upload: Upload, { principal, limits }: Admitted, now: number): Announced {
    return this.#uploads.announce(upload, principal.livemode, limits.upload_bytes_outstanding_max, now);
  }

  #stored<K extends keyof Stored>(key: K): Stored[K] | undefined {
    return this.ctx.storage.kv.get<Stored[K]>(key);
  }

  /** The answer does not wait for the disk; a machine that dies may give the last milliseconds away again. */
  #store<K extends keyof Stored>(key: K, value: Stored[K]): void {
    void this.ctx.storage.put(key, value, { allowUnconfirmed: true });
  }

  async #wakeAt(ms: number): Promise<void> {
    this.#alarmIsSet = true;
    await this.ctx.storage.setAlarm(ms, { allowUnconfirmed: true });
  }

  async #forget(): Promise<void> {
    this.#keeper.drop();
    this.#buckets.live = {};
    this.#buckets.test = {};
    this.#uploads.forget();
    this.#alarmIsSet = false;
    await this.ctx.storage.deleteAll();
  }
}

function refusalOf(current: Exclude<Current, { snapshot: AccountSnapshot }>, { kind }: Credential): Refusal {
  if ("unknown" in current) return { code: kind === "key" ? "key-invalid" : "token-invalid", cause: "no such account" };
  return { code: "account-state-unavailable", retryAfterSeconds, cause: `${current.unavailable}` };
}

const outstanding = ({ retryAfterMs }: Extract<Announced, { accepted: false }>, limits: TierLimits): Refusal => ({
  code: "uploads-outstanding",
  detail: `At most ${limits.upload_bytes_outstanding_max} bytes may be announced that no job uses yet.`,
  policy: "upload_bytes_outstanding_max",
  retryAfterSeconds: seconds(retryAfterMs),
});
