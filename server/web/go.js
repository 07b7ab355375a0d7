// Where the address of a message leads. The page knows nothing of the message and asks for nothing: who
// may see it is decided where one is signed in.

import { by } from "./api.js";

by("address").value = location.href;
by("open").href = location.href.replace(/^https?:/, "erc:");
by("copy").addEventListener("click", async () => {
  by("address").select();
  try {
    await navigator.clipboard.writeText(by("address").value);
    by("copy").textContent = "Copied";
  } catch {
    by("copy").textContent = "It is selected: copy it";
  }
});
