import { describe } from "vitest";
import { startPostgres } from "#test/support/postgres.ts";
import { originSuite } from "./origin-suite.ts";

describe("the origin on PostgreSQL", () => originSuite(startPostgres));
