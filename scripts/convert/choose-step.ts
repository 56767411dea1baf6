import { z } from "zod";
import { declaredType, mediaTypeByName, mediaTypeOf } from "#contract/media.ts";
import type { OperationInfo } from "#contract/routes/service.ts";

type Info = z.infer<typeof OperationInfo>;
export type Step = { operation: string; options: Record<string, unknown> };

/** What is read of an operation's JSON Schema. */
const Options = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ type: z.string().optional(), enum: z.array(z.unknown()).optional() })).default({}),
});

export type Wish = {
  filename: string;
  /** An extension: pdf, png, txt … */
  to: string;
  pages?: string;
  /** As typed: `name=value`. */
  options: readonly string[];
};

/** The operation that makes this of that, with its options; an error says what could be made instead. */
export function chooseStep(operations: readonly Info[], { filename, to, pages, options }: Wish): Step {
  const target = mediaTypeByName(`x.${to}`);
  if (!target) throw new Error(`There is no format "${to}".`);
  const source = declaredType(filename, "");
  const able = operations.filter(({ accepts }) => !source || accepts.some(({ content_type }) => content_type === source.mime));
  const operation = able.find(({ produces }) => produces.includes(target.mime));
  if (!operation) {
    const names = [...new Set(able.flatMap(({ produces }) => produces))].map((mime) => extensionOf(mime)).join(", ");
    throw new Error(`${source?.name ?? filename} cannot be converted to ${to}. It can be converted to: ${names || "nothing"}.`);
  }
  const { properties } = Options.parse(operation.options);
  const chosen: Record<string, unknown> = {};
  // An operation with several formats has an option whose values name them.
  if (operation.produces.length > 1) {
    for (const [name, schema] of Object.entries(properties)) {
      const value = schema.enum?.find((one) => typeof one === "string" && mediaTypeByName(`x.${one}`)?.mime === target.mime);
      if (value !== undefined) chosen[name] = value;
    }
  }
  if (pages !== undefined) chosen.pages = pages;
  for (const option of options) {
    const at = option.indexOf("=");
    if (at < 1) throw new Error(`--option takes name=value, and was given ${option}`);
    const name = option.slice(0, at);
    chosen[name] = typed(option.slice(at + 1), properties[name]?.type);
  }
  return { operation: operation.id, options: chosen };
}

function typed(text: string, type: string | undefined): unknown {
  if (type === "integer" || type === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

const extensionOf = (mime: string): string => mediaTypeOf(mime)?.extensions[0] ?? mime;
