/** Fields, groups and alternatives of the recipe, built once and kept up to date. */
import * as l10n from "@vscode/l10n";
import type { FormGroup, FormNode, FormPath, FormProblem, FormUnion, FormValue } from "../../src/protocol/recipeForm.js";
import { element, setText } from "../dom.js";
import { Field, type FormActions } from "./field.js";
import { helpText } from "./help.js";
import { pathKey, valueAt } from "./values.js";

export interface Part {
  readonly element: HTMLElement;
  /** Paths of this part and of all in it, for problems. */
  paths(): FormPath[];
  update(recipe: FormValue, problems: ReadonlyMap<string, readonly FormProblem[]>): void;
  flush(): void;
}

export function partOf(node: FormNode, actions: FormActions): Part {
  switch (node.type) {
    case "field":
      return new FieldPart(new Field(node, actions));
    case "group":
      return new GroupPart(node, actions);
    case "union":
      return new UnionPart(node, actions);
  }
}

class FieldPart implements Part {
  readonly element: HTMLElement;
  constructor(private readonly field: Field) {
    this.element = field.element;
  }

  paths(): FormPath[] {
    return [this.field.node.path];
  }

  update(recipe: FormValue, problems: ReadonlyMap<string, readonly FormProblem[]>): void {
    const { path } = this.field.node;
    this.field.update(valueAt(recipe, path), problems.get(pathKey(path)) ?? []);
  }

  flush(): void {
    this.field.flush();
  }
}

/** Settings that belong together. One whose value has another shape than the form knows is left to the JSON. */
class GroupPart implements Part {
  readonly element: HTMLElement;
  readonly #parts: Part[];
  readonly #body: HTMLElement;
  readonly #foreign: HTMLElement;
  readonly #faults = faultList();

  constructor(
    private readonly node: FormGroup,
    actions: FormActions,
  ) {
    // Groups within it come last: a setting between two of them would be overlooked.
    const children = [...node.children].sort((a, b) => Number(a.type === "group") - Number(b.type === "group"));
    this.#parts = children.map((child) => partOf(child, actions));
    this.#body = element("div", { class: "children" }, ...this.#parts.map((part) => part.element));
    this.#foreign = foreignNote(node.path, actions);
    const id = `g-${pathKey(node.path)}`;
    const legend = element(
      "legend",
      {},
      element("span", { text: node.label }),
      element("code", { class: "key", text: pathKey(node.path) }),
    );
    this.element = element("fieldset", {}, legend, helpText(node.help, id), this.#faults, this.#foreign, this.#body);
    this.element.setAttribute("aria-describedby", id);
  }

  paths(): FormPath[] {
    return [this.node.path, ...this.#parts.flatMap((part) => part.paths())];
  }

  update(recipe: FormValue, problems: ReadonlyMap<string, readonly FormProblem[]>): void {
    const value = valueAt(recipe, this.node.path);
    const foreign = value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value));
    this.#foreign.hidden = !foreign;
    this.#body.hidden = foreign;
    showFaults(this.#faults, this.node.path, problems);
    for (const part of this.#parts) part.update(recipe, problems);
  }

  flush(): void {
    for (const part of this.#parts) part.flush();
  }
}

/** One of several shapes; its own settings follow the choice. */
class UnionPart implements Part {
  readonly element: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #help: HTMLElement;
  readonly #body = element("div", { class: "children" });
  readonly #faults = faultList();
  #shown: string | null = null;
  #parts: Part[] = [];

  constructor(
    private readonly node: FormUnion,
    private readonly actions: FormActions,
  ) {
    const id = `u-${pathKey(node.path)}`;
    const options = node.variants.map(({ value }) => element("option", { text: value, attributes: { value } }));
    if (node.default !== null)
      options.unshift(element("option", { text: l10n.t("{0} (default)", node.default), attributes: { value: "" } }));
    this.#select = element("select", { attributes: { id, "aria-describedby": `${id}-help ${id}-variant` } }, ...options);
    this.#select.addEventListener("change", () => this.#choose());
    this.#help = element("p", { class: "help", attributes: { id: `${id}-variant` } });
    const head = element(
      "div",
      { class: "field-head" },
      element("label", { text: node.label, attributes: { for: id } }),
      element("code", { class: "key", text: `${pathKey(node.path)}.${node.discriminator}` }),
    );
    this.element = element(
      "div",
      { class: "union" },
      element("div", { class: "field field-choice" }, head, helpText(node.help, `${id}-help`), this.#select, this.#help),
      this.#faults,
      this.#body,
    );
  }

  paths(): FormPath[] {
    return [this.node.path, ...this.#parts.flatMap((part) => part.paths())];
  }

  update(recipe: FormValue, problems: ReadonlyMap<string, readonly FormProblem[]>): void {
    const { node } = this;
    const chosen = valueAt(recipe, [...node.path, node.discriminator]);
    const known = node.variants.find(({ value }) => value === chosen)?.value;
    this.#select.value = known ?? "";
    this.#build(known ?? (chosen === undefined ? node.default : null));
    showFaults(this.#faults, node.path, problems);
    for (const part of this.#parts) part.update(recipe, problems);
  }

  flush(): void {
    for (const part of this.#parts) part.flush();
  }

  #build(value: string | null): void {
    if (value === this.#shown) return;
    this.#shown = value;
    const variant = this.node.variants.find((candidate) => candidate.value === value);
    this.#parts = (variant?.children ?? []).map((child) => partOf(child, this.actions));
    setText(this.#help, variant?.help ?? "");
    this.#body.replaceChildren(...this.#parts.map((part) => part.element));
  }

  #choose(): void {
    const { value } = this.#select;
    if (value === "") this.actions.remove(this.node.path);
    else this.actions.set(this.node.path, { [this.node.discriminator]: value });
  }
}

function faultList(): HTMLElement {
  return element("div", { class: "faults" });
}

/** Problems of a group itself name the key below it that they are about. */
function showFaults(list: HTMLElement, path: FormPath, problems: ReadonlyMap<string, readonly FormProblem[]>): void {
  const own = problems.get(pathKey(path)) ?? [];
  const lines = own.map((problem) => {
    const rest = pathKey(problem.path.slice(path.length));
    return element("p", { class: "fault", text: rest === "" ? problem.message : `${rest}: ${problem.message}` });
  });
  list.replaceChildren(...lines);
}

function foreignNote(path: FormPath, actions: FormActions): HTMLElement {
  const button = element("button", { class: "link", text: l10n.t("Edit in the JSON"), attributes: { type: "button" } });
  button.addEventListener("click", () => actions.openText(path));
  return element("p", { class: "foreign" }, l10n.t("This recipe writes it in a way that a form cannot show."), " ", button);
}
