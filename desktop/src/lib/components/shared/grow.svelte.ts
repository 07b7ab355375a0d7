import type { Attachment } from "svelte/attachments";

/** A text box as high as its text, up to the box's own `max-height`. */
export function grow(text: () => string): Attachment<HTMLTextAreaElement> {
  return (box) => {
    const fit = (): void => {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
    };
    $effect(() => {
      void text();
      fit();
    });
    window.addEventListener("resize", fit);
    return () => window.removeEventListener("resize", fit);
  };
}
