// Where a link into a room leads. The code stands behind #, so that no log holds it.

import { by, plain } from "./api.js";

async function look() {
  const code = location.hash.slice(1);
  try {
    const room = await plain("POST", "/chat/links/preview", { code });
    by("title").textContent = `You are invited to ${room.name}`;
    by("topic").textContent = room.topic;
    const count = room.member_count === 1 ? "1 member" : `${room.member_count} members`;
    by("facts").textContent = `${count} · ${room.server_name}`;
    by("link").value = location.href;
    by("ways").hidden = false;
  } catch (error) {
    by("title").textContent = "This link leads nowhere";
    by("facts").textContent = error.message;
    by("ways").hidden = true;
  }
}

by("copy").addEventListener("click", async () => {
  by("link").select();
  try {
    await navigator.clipboard.writeText(by("link").value);
    by("copy").textContent = "Copied";
  } catch {
    by("copy").textContent = "It is selected: copy it";
  }
});
window.addEventListener("hashchange", look);
look();
