/** Text of the schema, in which backticks mark code. */
import { element } from "../dom.js";

export function helpText(help: string, id: string): HTMLElement {
  const parts = help.split("`").map((part, index) => (index % 2 === 1 ? element("code", { text: part }) : part));
  return element("p", { class: "help", attributes: { id } }, ...parts);
}
