// What is looked up when the metrics are read, a few seconds old at most: backlog, boxes, Redis, database.
import { Gauge, type Registry } from "prom-client";
import { lanes } from "#contract/operation.ts";
import type { State } from "./read-state.ts";

type Sample = [labels: Record<string, string>, value: number];
type Row = { name: string; help: string; labels: readonly string[]; read(state: State): Sample[] };

const rows: Row[] = [
  {
    name: "trusty_queue_jobs",
    help: "Jobs that have not ended: `queued` of which `window` are in Redis, and `running`.",
    labels: ["lane", "class", "state"],
    read: ({ backlog }) =>
      (backlog?.depths ?? []).flatMap(({ lane, class: name, queued, window, running }) =>
        Object.entries({ queued, window, running }).map(([state, value]): Sample => [{ lane, class: name, state }, value]),
      ),
  },
  {
    name: "trusty_queue_oldest_seconds",
    help: "Age of the oldest queued job.",
    labels: ["lane", "class"],
    read: ({ backlog }) => (backlog?.depths ?? []).map(({ lane, class: name, oldestSeconds }) => [{ lane, class: name }, oldestSeconds]),
  },
  {
    name: "trusty_queue_cost_seconds",
    help: "What the queued jobs are expected to keep slots busy for: the ten costliest accounts, and the others as one.",
    labels: ["account"],
    read: ({ backlog }) => (backlog?.costs ?? []).map(({ account, costMs }) => [{ account }, costMs / 1000]),
  },
  {
    name: "trusty_quarantined_files",
    help: "Files that are in quarantine.",
    labels: [],
    read: ({ backlog }) => (backlog ? [[{}, backlog.quarantine.files]] : []),
  },
  {
    name: "trusty_quarantine_refused_jobs",
    help: "Jobs that were refused for those files.",
    labels: [],
    read: ({ backlog }) => (backlog ? [[{}, backlog.quarantine.refused]] : []),
  },
  {
    name: "trusty_slots",
    help: "Boxes of a lane, as all workers found them in the last ten minutes, or in the last one where none looks for them any more: `known`, of which `ready` are slots now, and `busy` have a document.",
    labels: ["lane", "state"],
    read: ({ boxes }) =>
      boxes
        ? lanes.flatMap((lane) => {
            const known = boxes.filter((box) => box.lane === lane);
            const ready = known.filter(({ counts }) => counts);
            const busy = ready.filter(({ health }) => health.slot === "busy").length;
            return Object.entries({ known: known.length, ready: ready.length, busy }).map(
              ([state, value]): Sample => [{ lane, state }, value],
            );
          })
        : [],
  },
  {
    name: "trusty_office_starts",
    help: "How often a box has started LibreOffice since the box itself started: recycles and crashes.",
    labels: ["lane", "box"],
    read: ({ boxes }) => (boxes ?? []).map(({ lane, box, health }) => [{ lane, box }, health.office.starts]),
  },
  {
    name: "trusty_office_replaced",
    help: "How often a box has replaced LibreOffice since the box started: after so many documents, at its age, for its memory, after a crash or hang, ended with its document, or with an intruder: processes that nobody had started.",
    labels: ["lane", "box", "reason"],
    read: ({ boxes }) =>
      (boxes ?? []).flatMap(({ lane, box, health }) =>
        Object.entries(health.office.replaced).map(([reason, times]): Sample => [{ lane, box, reason }, times]),
      ),
  },
  {
    name: "trusty_office_documents",
    help: "Documents that the box has converted since it started.",
    labels: ["lane", "box"],
    read: ({ boxes }) => (boxes ?? []).map(({ lane, box, health }) => [{ lane, box }, health.office.documents]),
  },
  {
    name: "trusty_redis_up",
    help: "1 when Redis answers in time.",
    labels: [],
    read: ({ redis }) => [[{}, redis ? 1 : 0]],
  },
  {
    name: "trusty_redis_ping_seconds",
    help: "How long Redis took to answer.",
    labels: [],
    read: ({ redis }) => (redis ? [[{}, redis.pingMs / 1000]] : []),
  },
  {
    name: "trusty_redis_memory_bytes",
    help: "Memory that Redis uses, and its limit (0: none).",
    labels: ["kind"],
    read: ({ redis }) =>
      redis
        ? [
            [{ kind: "used" }, redis.memoryBytes],
            [{ kind: "max" }, redis.memoryBytesMax],
          ]
        : [],
  },
  {
    name: "trusty_database_up",
    help: "1 when the database answers in time.",
    labels: [],
    read: ({ database }) => [[{}, database ? 1 : 0]],
  },
  {
    name: "trusty_database_ping_seconds",
    help: "How long the database took to answer.",
    labels: [],
    read: ({ database }) => (database ? [[{}, database.pingMs / 1000]] : []),
  },
  {
    name: "trusty_database_connections",
    help: "This process' connections to PostgreSQL, and who waits for one; none with the embedded database.",
    labels: ["state"],
    read: ({ pool }) => Object.entries(pool ?? {}).map(([state, value]) => [{ state }, value]),
  },
];

export function stateGauges(registry: Registry, state: () => Promise<State>): void {
  for (const { name, help, labels, read } of rows) {
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      async collect() {
        const samples = read(await state());
        this.reset();
        for (const [values, value] of samples) this.set(values, value);
      },
    });
  }
}
