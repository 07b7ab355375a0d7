import { expect, test } from "vitest";
import { callsEverybody } from "./call";

test("everybody is called by a word of their own, as the server reads it", () => {
  for (const text of ["@all", "lunch, @here?", "(@ALL)", "@all.", "→@here", "x\n@all-- go"]) {
    expect(callsEverybody(text), text).toBe(true);
  }
  for (const text of ["all here", "me@all", "ü@all", "@allison", "@all-hands", "@@here", "@all.x"]) {
    expect(callsEverybody(text), text).toBe(false);
  }
});
