import { describe } from "vitest";
import { originSuite } from "./origin-suite.ts";

describe("the origin on PGlite", () => originSuite(async () => undefined));
