import { expect, test } from "vitest";
import { fit, ranked } from "./fuzzy";

test("letters must stand in order", () => {
  expect(fit("gnr", "general")).not.toBeNull();
  expect(fit("rng", "general")).toBeNull();
});

test("beginnings of words beat letters in the middle", () => {
  const names = ["organisers", "new room", "general", "join a room"];
  expect(ranked("nr", names, (name) => name)[0]).toBe("new room");
  expect(ranked("gen", names, (name) => name)).toEqual(["general"]);
  expect(ranked("  ", names, (name) => name)).toEqual(names);
});
