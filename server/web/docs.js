// The description of the API, to read and to try. Everything comes from /openapi.json.

import { by, keep, make, me, plain, Refused, refresh, token } from "./api.js";

const METHODS = ["get", "post", "put", "delete"];
let api;

/** What a schema is called, with a link to it. */
function kindOf(schema) {
  if (!schema || typeof schema !== "object") return document.createTextNode("anything");
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return make("a", { href: `#schema-${name}` }, name);
  }
  if (schema.const !== undefined) return document.createTextNode(JSON.stringify(schema.const));
  if (schema.enum) return document.createTextNode(schema.enum.map((one) => JSON.stringify(one)).join(" | "));
  const some = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (some) {
    const parts = some.flatMap((one, n) => (n ? [" | ", kindOf(one)] : [kindOf(one)]));
    return make("span", {}, ...parts);
  }
  const kinds = [schema.type ?? "anything"].flat();
  if (kinds.includes("array")) return make("span", {}, "list of ", kindOf(schema.items));
  return document.createTextNode(kinds.join(" | ") + (schema.format ? ` (${schema.format})` : ""));
}

/** Text with `code` and **strong** words, and nothing else. */
function prose(text, name = "p") {
  const parts = String(text ?? "").split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/);
  return make(
    name,
    {},
    ...parts.map((part) =>
      part.startsWith("`") && part.length > 1
        ? make("code", {}, part.slice(1, -1))
        : part.startsWith("**")
          ? make("strong", {}, part.slice(2, -2))
          : part.startsWith("*") && part.length > 2
            ? make("em", {}, part.slice(1, -1))
            : part,
    ),
  );
}

const paragraphs = (text) => String(text ?? "").split(/\n\n+/).map((one) => prose(one.replaceAll("\n", " ")));

function table(head, rows) {
  return make(
    "div",
    { class: "scroll" },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))),
    ),
  );
}

const json = (value) => make("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));

function operation(path, method, told) {
  const id = told.operationId;
  const inside = make("div", { class: "inside" });
  const details = make(
    "details",
    { id, "data-words": `${method} ${path} ${told.summary} ${told.description ?? ""} ${JSON.stringify(told)}`.toLowerCase() },
    make(
      "summary",
      {},
      make("span", { class: "method", "data-method": method }, method.toUpperCase()),
      " ",
      make("span", { class: "path" }, path),
      make("span", { class: "dim" }, told.summary),
    ),
    inside,
  );
  // What is inside is made when it is first looked at: there are many.
  details.addEventListener("toggle", () => {
    if (details.open && !inside.childElementCount) inside.append(...contents(path, method, told));
  });
  return details;
}

function contents(path, method, told) {
  const parts = paragraphs(told.description ?? told.summary);
  const counted = told["x-counted-as"];
  const needs = told.security.length ? `Needs an access token; counted as ${counted}.` : "For everybody.";
  parts.push(make("p", { class: "dim small" }, needs));
  if (told.parameters) {
    parts.push(make("h3", {}, "Parameters"));
    parts.push(
      table(
        ["name", "where", "kind", "meaning"],
        told.parameters.map((one) => [
          one.name + (one.required ? " *" : ""),
          one.in,
          kindOf(one.schema),
          prose(one.description ?? "", "span"),
        ]),
      ),
    );
  }
  if (told.requestBody) {
    const body = told.requestBody.content["application/json"] ?? Object.values(told.requestBody.content)[0];
    parts.push(make("h3", {}, told.requestBody.required ? "Body" : "Body (may be absent)"));
    parts.push(make("p", {}, kindOf(body.schema ?? {})));
    if (body.example !== undefined) parts.push(json(body.example));
  }
  parts.push(make("h3", {}, "Answers"));
  parts.push(
    table(
      ["status", "meaning", "body"],
      Object.entries(told.responses).map(([status, response]) => [
        status,
        prose(response.description, "span"),
        kindOf(Object.values(response.content ?? {})[0]?.schema ?? { type: "no body" }),
      ]),
    ),
  );
  const good = Object.values(told.responses).find((one) => one.content?.["application/json"]?.example !== undefined);
  if (good) parts.push(json(good.content["application/json"].example));
  parts.push(tryOut(path, method, told));
  return parts;
}

/** A form that asks the server and shows what it answers. */
function tryOut(path, method, told) {
  const fields = (told.parameters ?? []).map((one) => {
    const input = make("input", { name: one.name, required: one.required, spellcheck: "false" });
    if (one.example !== undefined) input.value = String(one.example);
    return { one, input, label: make("label", {}, `${one.name} `, input) };
  });
  const content = told.requestBody?.content["application/json"];
  const body = content && make("textarea", { name: "body", spellcheck: "false" });
  if (body) body.value = JSON.stringify(content.example ?? {}, null, 2);
  const result = make("div", { role: "status" });
  const form = make(
    "form",
    { class: "try" },
    make("h3", {}, "Try it"),
    ...fields.map((field) => field.label),
    body ? make("label", {}, "Body ", body) : null,
    make("button", { type: "submit" }, `Send ${method.toUpperCase()}`),
    result,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const { one, input } of fields) {
      if (one.in === "path") url = url.replace(`{${one.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(one.name, input.value);
    }
    if (query.size) url += `?${query}`;
    let sent;
    try {
      sent = body?.value.trim() ? JSON.parse(body.value) : undefined;
    } catch (error) {
      result.replaceChildren(make("p", { class: "bad" }, `The body is not JSON: ${error.message}`));
      return;
    }
    result.replaceChildren(make("p", { class: "dim" }, "Asking…"));
    const headers = {};
    if (token()) headers.Authorization = `Bearer ${token()}`;
    if (sent !== undefined) headers["Content-Type"] = "application/json";
    const ask = () => fetch(url, { method: method.toUpperCase(), headers, body: sent === undefined ? undefined : JSON.stringify(sent) });
    try {
      let answer = await ask();
      if (answer.status === 401 && me()) {
        await refresh();
        headers.Authorization = `Bearer ${token()}`;
        answer = await ask();
      }
      const text = await answer.text();
      let shown = text;
      try {
        shown = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // Not JSON: as it came.
      }
      result.replaceChildren(
        make("p", { class: answer.ok ? "" : "bad" }, `${answer.status} · ${method.toUpperCase()} ${url}`),
        make("pre", { tabindex: "0" }, shown || "(no body)"),
      );
    } catch (error) {
      result.replaceChildren(make("p", { class: "bad" }, `No answer: ${error.message}`));
    }
  });
  return form;
}

function schema(name, told) {
  const inside = make("div", { class: "inside" });
  const details = make(
    "details",
    { id: `schema-${name}`, "data-words": `${name} ${JSON.stringify(told)}`.toLowerCase() },
    make("summary", {}, make("span", { class: "path" }, name)),
    inside,
  );
  details.addEventListener("toggle", () => {
    if (!details.open || inside.childElementCount) return;
    inside.append(...paragraphs(told.description));
    const choices = told.oneOf ?? told.anyOf;
    for (const one of choices ?? []) {
      inside.append(make("h3", {}, one.properties?.type?.const ?? ""), ...paragraphs(one.description));
      const data = one.properties?.data;
      inside.append(make("p", {}, data ? make("span", {}, "data: ", kindOf(data)) : kindOf(one)));
    }
    if (told.properties) {
      const required = new Set(told.required ?? []);
      inside.append(
        table(
          ["field", "kind", "meaning"],
          Object.entries(told.properties).map(([field, one]) => [
            field + (required.has(field) ? "" : "?"),
            kindOf(one),
            prose(one.description ?? "", "span"),
          ]),
        ),
      );
    }
    if (!choices && !told.properties) inside.append(make("p", {}, kindOf(told)));
  });
  return details;
}

/** Opens what the address names. */
function reveal() {
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName !== "DETAILS") return;
  named.open = true;
  named.scrollIntoView();
  named.querySelector("summary").focus();
}

function search() {
  const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const details of document.querySelectorAll("details")) {
    const fits = words.every((word) => details.dataset.words.includes(word));
    details.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = ![...section.querySelectorAll("details")].some((details) => !details.hidden);
  }
  by("found").textContent = words.length ? `${shown} found` : "";
}

function who(text) {
  by("who").textContent = text ?? (me() ? `Signed in as ${me().username}: what you try here is done for real.` : "");
}

by("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const body = { username: by("username").value, password: by("password").value, device_name: "API page" };
    keep(await plain("POST", "/auth/login", body));
    by("password").value = "";
    who();
  } catch (error) {
    who(error instanceof Refused ? error.message : "The server can't be reached.");
  }
});
by("search").addEventListener("input", search);
window.addEventListener("hashchange", reveal);

who();
api = await plain("GET", "/openapi.json");
by("version").textContent = api.info.version;
by("about").append(...paragraphs(api.info.description));
const groups = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const method of METHODS.filter((one) => methods[one])) {
    const told = methods[method];
    const group = told.tags[0];
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(operation(path, method, told));
  }
}
by("list").replaceChildren(
  ...[...groups].map(([name, all]) => {
    const id = `group-${name.replaceAll(" ", "-")}`;
    by("groups").append(make("li", {}, make("a", { href: `#${id}` }, name)));
    return make("section", { "aria-labelledby": id }, make("h2", { id }, name), ...all);
  }),
);
by("groups").append(make("li", {}, make("a", { href: "#schemas-title" }, "Schemas")));
for (const [name, told] of Object.entries(api.components.schemas)) by("schemas").append(schema(name, told));
reveal();
