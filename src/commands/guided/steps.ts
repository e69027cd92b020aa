/** A guided flow: questions one after the other, with a way back to each. */
import * as vscode from "vscode";

/** What came of one box. */
export type Answer<T> = { readonly kind: "next"; readonly value: T } | { readonly kind: "back" } | { readonly kind: "cancel" };

/** Where a question leads: on, back to the one before it, or out. After `done` no further question is asked. */
export type Outcome<T> = Answer<T> | { readonly kind: "done"; readonly value: T };

/** Which question of how many, for the title "… (2/4)". */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly total: number;
}

/** A question: fills in part of the draft. */
export type Step<Draft> = (draft: Partial<Draft>, place: StepPlace) => Promise<Outcome<Partial<Draft>>>;

/** @returns the draft after the last question, or null when the flow was left. */
export async function runSteps<Draft>(title: string, start: Partial<Draft>, steps: readonly Step<Draft>[]): Promise<Partial<Draft> | null> {
  const drafts: Partial<Draft>[] = [start];
  for (let index = 0; index < steps.length;) {
    const draft = drafts[index] ?? start;
    const outcome = await steps[index]?.(draft, { title, step: index + 1, total: steps.length });
    if (outcome === undefined || outcome.kind === "cancel") return null;
    if (outcome.kind === "done") return { ...draft, ...outcome.value };
    if (outcome.kind === "back") {
      if (index === 0) return null;
      index -= 1;
    } else {
      index += 1;
      // Later answers are kept while one goes back and forth, so that they can be offered again.
      drafts[index] = { ...drafts[index], ...draft, ...outcome.value };
    }
  }
  return drafts[steps.length] ?? start;
}

export interface PickOptions<T extends vscode.QuickPickItem> {
  readonly placeholder: string;
  /** May still be on their way: the box shows a busy bar until then. */
  readonly items: readonly T[] | Promise<readonly T[]>;
  /** Which item has the focus first. */
  isActive?(item: T): boolean;
}

/** Asks to choose one item. Separators cannot be chosen. */
export async function pick<T extends vscode.QuickPickItem>(place: StepPlace, options: PickOptions<T>): Promise<Answer<T>> {
  const box = vscode.window.createQuickPick<T>();
  box.placeholder = options.placeholder;
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.busy = true;
  const answer = ask<T>(box, place, (done) => {
    const [chosen] = box.selectedItems;
    if (chosen !== undefined) done({ kind: "next", value: chosen });
  });
  try {
    const items = await Promise.race([Promise.resolve(options.items), answer.then(() => null)]);
    if (items !== null) {
      box.items = items;
      const active = options.isActive === undefined ? undefined : items.find((item) => options.isActive?.(item));
      if (active !== undefined) box.activeItems = [active];
      box.busy = false;
    }
    return await answer;
  } finally {
    box.dispose();
  }
}

/** Items under a heading; nothing where there are none. */
export function group<T extends vscode.QuickPickItem>(label: string, items: readonly T[]): (T | vscode.QuickPickItem)[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

export interface InputOptions {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  /** What is wrong with the text, or null. */
  validate(text: string): string | null;
}

/** Asks for a line of text. */
export async function input(place: StepPlace, options: InputOptions): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  box.prompt = options.prompt;
  box.value = options.value ?? "";
  box.placeholder = options.placeholder ?? "";
  const check = (): boolean => {
    const wrong = options.validate(box.value.trim());
    box.validationMessage = wrong ?? "";
    return wrong === null;
  };
  box.onDidChangeValue(check);
  try {
    return await ask(box, place, (done) => {
      if (check()) done({ kind: "next", value: box.value.trim() });
    });
  } finally {
    box.dispose();
  }
}

function ask<T>(
  box: (vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox) & Pick<vscode.InputBox, "onDidAccept" | "onDidTriggerButton">,
  place: StepPlace,
  accept: (done: (outcome: Answer<T>) => void) => void,
): Promise<Answer<T>> {
  box.title = place.title;
  box.step = place.step;
  box.totalSteps = place.total;
  box.ignoreFocusOut = true;
  box.buttons = place.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise<Answer<T>>((resolve) => {
    box.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) resolve({ kind: "back" });
    });
    box.onDidAccept(() => accept(resolve));
    box.onDidHide(() => resolve({ kind: "cancel" }));
    box.show();
  });
}
