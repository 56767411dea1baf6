import { z } from "zod";
import { mediaTypes } from "#contract/media.ts";
import type { Operation } from "#contract/operation.ts";
import { operations } from "#contract/operations/index.gen.ts";
import type { OperationInfo } from "#contract/routes/service.ts";

function describe({ id, summary, accepts, produces, lane, options }: Operation): z.infer<typeof OperationInfo> {
  return {
    id,
    summary,
    accepts: mediaTypes
      .filter(({ mime }) => accepts.includes(mime))
      .map(({ mime, name, extensions }) => ({ content_type: mime, name, extensions: [...extensions] })),
    produces: [...produces],
    lane,
    options: z.toJSONSchema(options, { io: "input" }),
  };
}

/** Every operation as the public list shows it. */
export const describeOperations = () => (operations as readonly Operation[]).map(describe);
