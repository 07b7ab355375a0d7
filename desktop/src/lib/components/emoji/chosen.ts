import type { CommandError } from "../../api/generated/CommandError";

/** A file that was chosen, read. */
export interface Chosen {
  /** Shows it. */
  url: string;
  /** Its bytes. */
  base64: string;
}

/** What is shown before it is sent; the server looks at what is in it. */
const TYPES = ["image/png", "image/gif", "image/webp"];

/** Reads a file; refuses what the server would refuse by its kind or its size. */
export function readPicture(file: File, most: number): Promise<Chosen> {
  if (!TYPES.includes(file.type)) return refused("choose a PNG, a GIF or a WebP");
  if (file.size > most) {
    return refused(`the picture has ${Math.ceil(file.size / 1024)} KiB, at most ${most / 1024} are taken`);
  }
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve({ url, base64: url.slice(url.indexOf(",") + 1) });
    };
    reader.onerror = () => reject(reader.error ?? new Error("the file can't be read"));
    reader.readAsDataURL(file);
  });
}

function refused(why: string): Promise<never> {
  const error: CommandError = { kind: "invalid", message: why, code: null, fields: {} };
  return Promise.reject(error);
}

/** A name from that of a file. */
export function suggested(file: string): string {
  return file
    .toLowerCase()
    .replace(/\.[^.]*$/, "")
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 32);
}
