/**
 * An error that nobody caught: shown over the page, in words that can be copied into a report.
 * Plain DOM, so that it works when everything else doesn't.
 */
export function crash(thrown: unknown): void {
  // Some engines leave the message out of the stack.
  const text = thrown instanceof Error ? `${thrown}\n${thrown.stack ?? ""}` : JSON.stringify(thrown);
  // The browser says this when a layout took two rounds; nothing is wrong.
  if (String(thrown).includes("ResizeObserver loop")) return;
  console.error(thrown);
  const known = document.querySelector("[data-testid=crash] pre");
  if (known) {
    known.textContent += `\n\n${text}`;
    return;
  }
  const box = document.createElement("div");
  box.dataset["testid"] = "crash";
  box.setAttribute("role", "alert");
  box.className = "crash";
  const title = document.createElement("strong");
  title.textContent = "Something in the window went wrong. What you wrote is kept.";
  const detail = document.createElement("pre");
  detail.textContent = text;
  const again = document.createElement("button");
  again.textContent = "Reload the window";
  again.onclick = () => location.reload();
  box.append(title, detail, again);
  document.body.append(box);
}
