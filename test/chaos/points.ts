/** The places where a process ends itself, as `kill -9` would, when the drill has armed them. */
export const points = {
  "after-claim": { role: "worker", when: "the row is running, nothing was fetched" },
  "after-scan": { role: "worker", when: "the verdict is there, nothing was converted" },
  "mid-convert": { role: "worker", when: "the box converts" },
  "after-result-put": { role: "worker", when: "a result is stored, the run has not ended" },
  "before-commit": { role: "worker", when: "all results are stored, just before the UPDATE that ends the job" },
  "after-commit": { role: "worker", when: "the job has succeeded, the lane's entry is not acknowledged" },
  "after-hand-back": { role: "worker", when: "a run was handed back, nobody was woken" },
  "mid-sweep": { role: "worker", when: "the sweep has found lost runs and handed none back" },
  "mid-retention": { role: "worker", when: "a file is deleted, its row does not say so" },
  "before-lane-add": { role: "api or worker", when: "the rows say that they are in the window, Redis has no entry" },
  "after-create": { role: "api", when: "the job is committed, the client has no answer" },
  "mid-delete": { role: "api", when: "a file of a job that its owner deletes is gone, the row does not say so" },
} as const;

export type Point = keyof typeof points;
export const pointNames = Object.keys(points) as Point[];
