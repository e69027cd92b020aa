/**
 * The only file that imports the component library, so that another can take its place: the rest of the page knows
 * these functions alone.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { icon, type IconName } from "./icons.js";

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());

export interface Control {
  readonly element: HTMLElement;
}

export interface ButtonControl extends Control {
  update(state: { readonly label?: string; readonly disabled: boolean }): void;
}

export interface ChoiceControl<T> extends Control {
  set(value: T): void;
}

/** A button with a label and, if wished, an icon before it. */
export function createButton(label: string, primary: boolean, press: () => void, iconName?: IconName): ButtonControl {
  const element = document.createElement("vscode-button") as HTMLElement & { disabled: boolean };
  element.setAttribute("appearance", primary ? "primary" : "secondary");
  // Not in a span: the library makes a slotted span as small as an icon.
  const text = document.createTextNode(label);
  if (iconName !== undefined) {
    const start = icon(iconName);
    start.setAttribute("slot", "start");
    element.append(start);
  }
  element.append(text);
  element.addEventListener("click", () => {
    if (!element.disabled) press();
  });
  return {
    element,
    update({ label: next, disabled }) {
      if (next !== undefined && text.data !== next) text.data = next;
      if (element.disabled !== disabled) element.disabled = disabled;
    },
  };
}

/** A check box with its label. */
export function createCheckbox(label: string, checked: boolean, change: (checked: boolean) => void): ChoiceControl<boolean> {
  const element = document.createElement("vscode-checkbox") as HTMLElement & { checked: boolean };
  element.textContent = label;
  let known = checked;
  element.checked = checked;
  element.addEventListener("change", () => {
    // The component also reports what the page itself has set.
    if (element.checked === known) return;
    known = element.checked;
    change(known);
  });
  return {
    element,
    set(value) {
      known = value;
      element.checked = value;
    },
  };
}

/** A line to type into, with a visible label before it; `enter` is told its text when Enter is pressed. */
export function createField(label: string, columns: number, enter: (text: string) => void): ChoiceControl<string> {
  const element = document.createElement("vscode-text-field") as HTMLElement & { value: string };
  element.setAttribute("size", String(columns));
  // The component takes its name for assistive technology from the text inside it.
  element.textContent = label;
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter(element.value);
  });
  return {
    element,
    set(value) {
      if (element.value !== value) element.value = value;
    },
  };
}

/** A list of which one entry is chosen, with a visible label before it. */
export function createDropdown<T extends string>(
  label: string,
  options: readonly { readonly value: T; readonly label: string }[],
  chosen: T,
  change: (value: T) => void,
): ChoiceControl<T> {
  const element = document.createElement("span");
  element.className = "labelled";
  const caption = document.createElement("span");
  caption.textContent = label;
  const dropdown = document.createElement("vscode-dropdown") as HTMLElement & { value: string };
  dropdown.setAttribute("aria-label", label);
  for (const option of options) {
    const entry = document.createElement("vscode-option");
    entry.setAttribute("value", option.value);
    entry.textContent = option.label;
    if (option.value === chosen) entry.setAttribute("selected", "");
    dropdown.append(entry);
  }
  dropdown.addEventListener("change", () => {
    const option = options.find(({ value }) => value === dropdown.value);
    if (option !== undefined) change(option.value);
  });
  element.append(caption, dropdown);
  return {
    element,
    set(value) {
      dropdown.value = value;
    },
  };
}
