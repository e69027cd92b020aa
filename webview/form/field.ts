/**
 * One setting: label, what it does, a control, and what is wrong with it.
 *
 * The controls are the browser's own: label, help and fault must be tied to the input itself for screen readers, which
 * a component's shadow tree does not let through.
 */
import * as l10n from "@vscode/l10n";
import type { FormField, FormPath, FormProblem, FormValue } from "../../src/protocol/recipeForm.js";
import { element, setAttribute, setText } from "../dom.js";
import { helpText } from "./help.js";
import { parseText, pathKey, sameValue, textOf } from "./values.js";

/** A pause in typing, in milliseconds: then the text follows. */
const pauseMs = 500;

export interface FormActions {
  set(path: FormPath, value: FormValue): void;
  remove(path: FormPath): void;
  openText(path: FormPath): void;
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export class Field {
  readonly element: HTMLElement;
  readonly #input: Control;
  readonly #reset: HTMLButtonElement;
  readonly #fault: HTMLElement;
  #value: FormValue | undefined = undefined;
  #problem = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly node: FormField,
    private readonly actions: FormActions,
  ) {
    const id = `f-${pathKey(node.path)}`;
    this.#input = inputOf(node);
    this.#input.id = id;
    this.#input.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
    if (node.required) this.#input.setAttribute("aria-required", "true");
    this.#reset = element("button", { class: "link reset", text: l10n.t("Use default"), attributes: { type: "button" } });
    this.#reset.setAttribute("aria-label", l10n.t("{0}: use default", node.label));
    this.#reset.addEventListener("click", () => {
      actions.remove(node.path);
      this.#input.focus();
    });
    this.#fault = element("p", { class: "fault", attributes: { id: `${id}-fault` } });
    const label = element("label", { text: node.label, attributes: { for: id } });
    const key = element("code", { class: "key", text: pathKey(node.path) });
    const checkbox = node.control.kind === "boolean";
    this.element = element(
      "div",
      { class: `field field-${node.control.kind}` },
      element("div", { class: "field-head" }, ...(checkbox ? [this.#input] : []), label, key, this.#reset),
      helpText(node.help, `${id}-help`),
      ...(checkbox ? [] : [this.#input]),
      ...(node.control.kind === "json" ? [this.#jsonButton()] : []),
      this.#fault,
    );
    this.#listen();
  }

  /** Shows the recipe's value; what is being typed right now is left alone. */
  update(value: FormValue | undefined, problems: readonly FormProblem[]): void {
    this.#value = value;
    const typing = this.#timer !== undefined || (document.activeElement === this.#input && this.#says(value));
    if (!typing) this.#show();
    this.#reset.hidden = value === undefined || this.node.required;
    this.#problem = problems.map(({ message }) => message).join(" ");
    this.#tell(this.#problem);
    this.element.classList.toggle("changed", value !== undefined && !this.node.required);
  }

  /** Ends a pause in typing at once, so that nothing typed is lost. */
  flush(): void {
    if (this.#timer !== undefined) this.#commit();
  }

  #listen(): void {
    const input = this.#input;
    input.addEventListener("change", () => {
      this.#commit();
      this.#show();
    });
    if (input instanceof HTMLSelectElement || this.node.control.kind === "boolean") return;
    input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#commit(), pauseMs);
    });
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const value = this.#read();
    if (value === null) {
      this.#tell(l10n.t("A number is needed here."));
      return;
    }
    this.#tell(this.#problem);
    if (sameValue(value, this.#value)) return;
    this.#value = value;
    if (value === undefined) this.actions.remove(this.node.path);
    else this.actions.set(this.node.path, value);
  }

  #read(): FormValue | undefined {
    if (this.#input instanceof HTMLInputElement && this.node.control.kind === "boolean") return this.#input.checked;
    return parseText(this.#input.value, this.node.control);
  }

  #says(value: FormValue | undefined): boolean {
    return sameValue(this.#read(), value);
  }

  #show(): void {
    const { control } = this.node;
    if (this.#input instanceof HTMLInputElement && control.kind === "boolean") {
      this.#input.checked = this.#value === undefined ? this.node.default === true : this.#value === true;
      return;
    }
    // A half-typed value that is none stays, with its fault, until it is mended.
    if (this.#read() === null && this.#input === document.activeElement) return;
    const text = textOf(this.#value);
    if (this.#input.value !== text) this.#input.value = text;
    if (this.#input instanceof HTMLTextAreaElement) this.#input.rows = Math.min(12, Math.max(2, text.split("\n").length));
  }

  #tell(message: string): void {
    setText(this.#fault, message);
    this.#fault.hidden = message === "";
    setAttribute(this.#input, "aria-invalid", String(message !== ""));
  }

  #jsonButton(): HTMLElement {
    const button = element("button", { class: "link", text: l10n.t("Edit in the JSON"), attributes: { type: "button" } });
    button.addEventListener("click", () => this.actions.openText(this.node.path));
    return button;
  }
}

function inputOf({ control, default: preset, required }: FormField): Control {
  const placeholder = preset === null ? "" : l10n.t("default: {0}", textOf(preset).replaceAll("\n", ", "));
  switch (control.kind) {
    case "boolean":
      return element("input", { attributes: { type: "checkbox" } });
    case "choice": {
      const unset = element("option", { text: preset === null ? "" : l10n.t("{0} (default)", textOf(preset)), attributes: { value: "" } });
      const options = control.options.map((option) => element("option", { text: option, attributes: { value: option } }));
      return element("select", {}, ...(required ? [] : [unset]), ...options);
    }
    case "list":
      return element("textarea", {
        attributes: { rows: "2", spellcheck: "false", placeholder: placeholder || l10n.t("one entry a line") },
      });
    case "json":
      return element("textarea", { attributes: { rows: "2", readonly: "", placeholder } });
    case "number":
      return element("input", {
        attributes: { type: "text", inputmode: control.whole ? "numeric" : "decimal", placeholder, autocomplete: "off" },
      });
    case "text":
      return element("input", { attributes: { type: "text", placeholder, spellcheck: "false", autocomplete: "off" } });
  }
}
