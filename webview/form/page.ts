/** The form as a whole: sections on the left, the estimate beside them. */
import * as l10n from "@vscode/l10n";
import type { FormNode, FormProblem, FormValue, HostToRecipeForm, RecipeFormToHost } from "../../src/protocol/recipeForm.js";
import { element, setText } from "../dom.js";
import type { HostLine } from "../hostLine.js";
import { createButton } from "../toolkit.js";
import { EstimatePanel } from "./estimate.js";
import type { FormActions } from "./field.js";
import { helpText } from "./help.js";
import { readFormMessage } from "./messages.js";
import { partOf, type Part } from "./tree.js";
import { assignProblems, pathKey, valueAt } from "./values.js";

interface Section {
  readonly node: FormNode;
  readonly part: Part;
  readonly details: HTMLDetailsElement;
  readonly count: HTMLElement;
}

export function startRecipeForm(root: HTMLElement, line: HostLine<RecipeFormToHost>): void {
  const actions: FormActions = {
    set: (path, value) => line.post({ type: "set", path, value }),
    remove: (path) => line.post({ type: "remove", path }),
    openText: (path) => line.post({ type: "openText", path }),
  };
  const title = element("h1", { text: l10n.t("Recipe") });
  const run = createButton(l10n.t("Run"), true, () => {
    flush();
    line.post({ type: "run" });
  });
  const json = createButton(l10n.t("Open JSON"), false, () => line.post({ type: "openText", path: [] }));
  const problems = element("div", { class: "problems", attributes: { role: "status" } });
  const main = element("main");
  const broken = element("p", {
    class: "broken",
    text: l10n.t("The text is not valid JSON, so the form cannot show it. Mend it in the JSON first."),
  });
  const estimate = new EstimatePanel();
  const buttons = element("div", { class: "buttons" }, run.element, json.element);
  root.append(
    element("header", {}, title, buttons),
    problems,
    broken,
    element("div", { class: "columns" }, main, element("aside", { attributes: { "aria-label": l10n.t("Estimate") } }, estimate.element)),
  );
  broken.hidden = true;
  let general: Part[] = [];
  let sections: Section[] = [];
  const open = new Set(readOpen(line.kept));

  window.addEventListener("pagehide", flush);
  line.listen((data) => {
    const message = readFormMessage(data);
    if (message !== null) receive(message);
  });
  line.post({ type: "ready" });

  function flush(): void {
    for (const part of [...general, ...sections.map((section) => section.part)]) part.flush();
  }

  function receive(message: HostToRecipeForm): void {
    switch (message.type) {
      case "form":
        setText(title, message.name);
        build(message.form);
        return;
      case "state":
        show(message.value, message.problems, message.trusted);
        return;
      case "estimate":
        estimate.show(message.estimate, message.why);
    }
  }

  function build(form: readonly FormNode[]): void {
    const grouped = form.filter((node) => node.type !== "field");
    general = form.filter((node) => node.type === "field").map((node) => partOf(node, actions));
    sections = grouped.map((node) => sectionOf(node));
    const first = element(
      "section",
      { class: "general" },
      element("h2", { text: l10n.t("General") }),
      ...general.map((part) => part.element),
    );
    main.replaceChildren(first, ...sections.map(({ details }) => details));
  }

  function sectionOf(node: FormNode): Section {
    const part = partOf(node, actions);
    const count = element("span", { class: "count" });
    const summary = element("summary", {}, element("h2", { text: node.label }), count);
    const details = element("details", {}, summary, ...(node.type === "group" ? [] : [helpText(node.help, "")]), part.element);
    const key = pathKey(node.path);
    details.open = open.has(key);
    details.addEventListener("toggle", () => {
      if (details.open) open.add(key);
      else open.delete(key);
      line.keep({ open: [...open] });
    });
    return { node, part, details, count };
  }

  function show(value: FormValue, all: readonly FormProblem[], trusted: boolean): void {
    broken.hidden = value !== null;
    main.inert = value === null;
    run.update({ disabled: !trusted || all.length > 0 });
    const parts = [...general, ...sections.map((section) => section.part)];
    if (value !== null) update(parts, value, all);
    const assigned = assignProblems(
      all,
      parts.flatMap((part) => part.paths()),
    );
    const loose = (assigned.get("") ?? []).map(({ message }) => element("p", { class: "fault", text: message }));
    const text = all.length === 1 ? l10n.t("1 problem") : l10n.t("{0} problems", all.length);
    problems.replaceChildren(...(all.length === 0 ? [] : [element("p", { class: "problem-count", text })]), ...loose);
    for (const { node, details, count } of sections) {
      const own = all.filter(({ path }) => path[0] === node.path[0]).length;
      const set = settings(valueAt(value, node.path));
      setText(count, own > 0 ? (own === 1 ? l10n.t("1 problem") : l10n.t("{0} problems", own)) : set > 0 ? l10n.t("{0} set", set) : "");
      count.classList.toggle("bad", own > 0);
      if (own > 0) details.open = true;
    }
  }

  function update(parts: readonly Part[], value: FormValue, all: readonly FormProblem[]): void {
    // Twice: alternatives that a value brings in have paths of their own, which decide where problems are shown.
    for (let pass = 0; pass < 2; pass += 1) {
      const assigned = assignProblems(
        all,
        parts.flatMap((part) => part.paths()),
      );
      for (const part of parts) part.update(value, assigned);
    }
  }
}

/** Settings that the recipe itself writes, below this value. */
function settings(value: FormValue | undefined): number {
  if (value === undefined) return 0;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return 1;
  return Object.values(value as Readonly<Record<string, FormValue>>).reduce<number>((sum, inner) => sum + settings(inner), 0);
}

function readOpen(kept: unknown): string[] {
  if (typeof kept !== "object" || kept === null || !("open" in kept) || !Array.isArray(kept.open)) return [];
  return kept.open.filter((key) => typeof key === "string");
}
