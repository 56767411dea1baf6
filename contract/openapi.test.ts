import { expect, test } from "vitest";
import { openapiDocument } from "./openapi.ts";

type Parameter = { name: string; in: string; required: boolean; schema: { type: unknown } };
const operations = Object.entries(openapiDocument("1").paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { parameters = [] }]: [string, { parameters?: Parameter[] }]) => ({ path, method, parameters })),
);

test.each(operations)(
  "$method $path: every part of the path is required, as OpenAPI demands, and no parameter may be null",
  ({ path, parameters }) => {
    const inPath = parameters.filter((parameter) => parameter.in === "path");
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(inPath.filter(({ required }) => !required)).toEqual([]);
    expect(parameters.filter(({ schema }) => [schema.type].flat().includes("null"))).toEqual([]);
  },
);
