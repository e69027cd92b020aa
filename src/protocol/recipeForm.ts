/**
 * Messages between the extension host and the recipe form: a custom editor beside the JSON, which stays the source.
 *
 * The host sends the form once and the document's state after each change of its text, whoever made it; the page sends
 * single edits, which the host applies to the text. Texts for people come from the host, in the person's language.
 */

/** Keys of objects and places in lists, from the recipe's root. */
export type FormPath = readonly (string | number)[];

export type FormValue = string | number | boolean | null | readonly FormValue[] | { readonly [key: string]: FormValue };

interface FormPart {
  readonly path: FormPath;
  readonly label: string;
  /** What the setting does; may hold `code` in backticks. */
  readonly help: string;
}

/** How a setting is edited: `list` one entry a line, `json` only in the text. */
export type FormControl =
  | { readonly kind: "text" }
  | { readonly kind: "number"; readonly whole: boolean; readonly minimum: number | null; readonly maximum: number | null }
  | { readonly kind: "boolean" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "list"; readonly numbers: boolean }
  | { readonly kind: "json" };

export interface FormField extends FormPart {
  readonly type: "field";
  readonly control: FormControl;
  readonly required: boolean;
  /** Taken where the recipe leaves the key out; null where the schema names none. */
  readonly default: FormValue;
}

export interface FormGroup extends FormPart {
  readonly type: "group";
  readonly children: readonly FormNode[];
}

/** One of several shapes, told apart by the value of the key `discriminator`. */
export interface FormUnion extends FormPart {
  readonly type: "union";
  readonly discriminator: string;
  /** The variant of a recipe that leaves the key out; null where it must not. */
  readonly default: string | null;
  readonly variants: readonly { readonly value: string; readonly help: string; readonly children: readonly FormNode[] }[];
}

export type FormNode = FormField | FormGroup | FormUnion;

/** Something wrong with the recipe; `path` is that of a key, or empty where it belongs to none. */
export interface FormProblem {
  readonly path: FormPath;
  readonly message: string;
}

/** What a run would need on this machine; an estimate, and said to be one. */
export interface EstimateView {
  readonly device: string;
  readonly fits: "yes" | "tight" | "no" | "unknown";
  readonly rows: readonly { readonly label: string; readonly value: string; readonly detail: string }[];
  /** What the figures rest on. */
  readonly notes: readonly string[];
}

export type HostToRecipeForm =
  | { readonly type: "form"; readonly name: string; readonly form: readonly FormNode[] }
  | {
      readonly type: "state";
      /** Version of the document; edits of the page name the one they were made on. */
      readonly version: number;
      /** The recipe as it is written; null where the text is not JSON. */
      readonly value: FormValue;
      readonly problems: readonly FormProblem[];
      readonly trusted: boolean;
    }
  | { readonly type: "estimate"; readonly estimate: EstimateView | null; readonly why: string | null };

export type RecipeFormToHost =
  | { readonly type: "ready" }
  | { readonly type: "set"; readonly path: FormPath; readonly value: FormValue }
  /** Takes the key out, so that its default counts. */
  | { readonly type: "remove"; readonly path: FormPath }
  /** Shows the place in the JSON. */
  | { readonly type: "openText"; readonly path: FormPath }
  | { readonly type: "run" };
