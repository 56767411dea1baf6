import { expect, test } from "vitest";
import { chosenBoxes } from "./chosen-boxes.ts";

const boxes = { OFFICE_BOXES: ["unix:/a"], LIGHT_BOXES: ["dns://light:1"] };

test("a worker serves every lane that has boxes", () => {
  expect(chosenBoxes({ ...boxes, WORKER_LANES: [] })).toEqual({ office: ["unix:/a"], light: ["dns://light:1"] });
  expect(chosenBoxes({ ...boxes, LIGHT_BOXES: [], WORKER_LANES: [] })).toEqual({ office: ["unix:/a"] });
});

test("a worker that was given lanes serves no other", () => {
  expect(chosenBoxes({ ...boxes, WORKER_LANES: ["light"] })).toEqual({ light: ["dns://light:1"] });
});

test("a chosen lane without boxes is refused by name", () => {
  const choose = () => chosenBoxes({ ...boxes, OFFICE_BOXES: [], WORKER_LANES: ["office", "light"] });
  expect(choose).toThrow("WORKER_LANES names office, and OFFICE_BOXES names no box for it.");
  expect(choose).not.toThrow("light,");
});
