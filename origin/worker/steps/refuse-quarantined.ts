import type { PipelineStep } from "../run.ts";

/** No box is given a file that ended boxes, as soon as its digest is known: announced, or found in an earlier run, or found just now. */
export const refuseQuarantined: PipelineStep = (run, { quarantine }) => quarantine.refuse(run.input);
