import { hostname } from "node:os";
import { expect, test } from "vitest";
import { nameOf } from "./follow-boxes.ts";

test("a box has one name for all workers that reach it, and shares it with no box of another host", () => {
  expect(nameOf("http://10.0.0.2:8790")).toBe("http://10.0.0.2:8790");
  for (const local of ["unix:/run/box.sock", "http://127.0.0.21:8790", "http://localhost:8790", "http://[::1]:8790"])
    expect(nameOf(local)).toBe(`${hostname()} ${local}`);
});
