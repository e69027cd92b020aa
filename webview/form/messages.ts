/** Checks what arrives at the form's border: the host is built together with the page, but a page may be older than its host. */
import type { HostToRecipeForm } from "../../src/protocol/recipeForm.js";

/** @returns null for what is no message of the form's. */
export function readFormMessage(data: unknown): HostToRecipeForm | null {
  if (typeof data !== "object" || data === null || !("type" in data)) return null;
  return isMessage(data) ? data : null;
}

function isMessage(data: { readonly type: unknown }): data is HostToRecipeForm {
  switch (data.type) {
    case "form":
      return "form" in data && Array.isArray(data.form) && "name" in data && typeof data.name === "string";
    case "state":
      return "value" in data && "problems" in data && Array.isArray(data.problems) && "trusted" in data;
    case "estimate":
      return "estimate" in data && "why" in data;
    default:
      return false;
  }
}
