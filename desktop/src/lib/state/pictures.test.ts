import { expect, test, vi } from "vitest";
import type { Client } from "../api/client";
import { Pictures } from "./pictures";

function counted(answer: (id: string) => Promise<string>): { client: Client; asked: ReturnType<typeof vi.fn> } {
  const asked = vi.fn(answer);
  return { client: { emojiPicture: asked } as unknown as Client, asked };
}

test("a picture is asked for once, and again when it failed", async () => {
  let works = false;
  const { client, asked } = counted((id) => (works ? Promise.resolve(`data:${id}`) : Promise.reject(new Error("away"))));
  const pictures = new Pictures(client);
  await expect(pictures.of("a")).rejects.toThrow("away");
  works = true;
  expect(await pictures.of("a")).toBe("data:a");
  expect(await pictures.of("a")).toBe("data:a");
  expect(asked).toHaveBeenCalledTimes(2);
});

test("so many pictures are kept, those that were asked for last", async () => {
  const { client, asked } = counted((id) => Promise.resolve(id));
  const pictures = new Pictures(client);
  for (let n = 0; n < 200; n += 1) await pictures.of(`p${n}`);
  await pictures.of("p0");
  await pictures.of("one more");
  expect(asked).toHaveBeenCalledTimes(201);
  await pictures.of("p0");
  expect(asked).toHaveBeenCalledTimes(201);
  await pictures.of("p1");
  expect(asked).toHaveBeenCalledTimes(202);
});
