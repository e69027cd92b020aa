/** Which sample is shown: its set, its number, the next one, any one, or the next that holds a text. */
import * as l10n from "@vscode/l10n";
import { element } from "../dom.js";
import { formatInteger } from "../format.js";
import { createButton, createDropdown, createField, type ButtonControl, type ChoiceControl } from "../toolkit.js";
import type { InspectedRun, InspectorToHost, SampleSet } from "../../src/protocol/sampleInspector.js";

const setLabels: Readonly<Record<SampleSet, string>> = { extend: l10n.t("Extension"), replay: l10n.t("Replay") };

export class Picker {
  readonly element = element("div", { class: "toolbar", attributes: { role: "group", "aria-label": l10n.t("Sample") } });
  readonly #number: ChoiceControl<string>;
  readonly #count = element("span", { class: "hint" });
  readonly #previous: ButtonControl;
  readonly #next: ButtonControl;
  readonly #sets = element("span");
  #run: InspectedRun | null = null;
  #set: SampleSet = "extend";
  #sample = 0;

  constructor(private readonly post: (message: InspectorToHost) => void) {
    this.#number = createField(l10n.t("Sample"), 6, (text) => this.#go(Number(text.replace(/[,\s]/g, "")) - 1));
    this.#previous = createButton(l10n.t("Previous"), false, () => this.#go(this.#sample - 1));
    this.#next = createButton(l10n.t("Next"), false, () => this.#go(this.#sample + 1));
    const random = createButton(l10n.t("Random"), false, () => post({ type: "random", set: this.#set }));
    const search = createField(l10n.t("Find text"), 20, (text) => {
      if (text !== "") post({ type: "search", set: this.#set, text, after: this.#sample });
    });
    const controls = [this.#number.element, this.#count, this.#previous.element, this.#next.element, random.element, search.element];
    this.element.append(this.#sets, ...controls);
  }

  setRun(run: InspectedRun): void {
    this.#run = run;
    this.#sets.hidden = run.sets.length < 2;
    if (this.#sets.hidden) {
      this.#sets.replaceChildren();
      return;
    }
    const options = run.sets.map(({ set }) => ({ value: set, label: setLabels[set] }));
    this.#sets.replaceChildren(
      createDropdown(l10n.t("For"), options, this.#set, (set) => this.post({ type: "pick", set, sample: 0 })).element,
    );
  }

  setSample(set: SampleSet, sample: number): void {
    this.#set = set;
    this.#sample = sample;
    this.#number.set(String(sample + 1));
    this.#count.textContent = l10n.t("of {0}", formatInteger(this.#samples()));
    this.#previous.update({ disabled: sample === 0 });
    this.#next.update({ disabled: sample + 1 >= this.#samples() });
  }

  /** Asks for a sample; a number that none has brings the nearest one. */
  #go(sample: number): void {
    if (!Number.isInteger(sample)) {
      this.#number.set(String(this.#sample + 1));
      return;
    }
    const bounded = Math.min(this.#samples() - 1, Math.max(0, sample));
    this.#number.set(String(bounded + 1));
    this.post({ type: "pick", set: this.#set, sample: bounded });
  }

  #samples(): number {
    return this.#run?.sets.find(({ set }) => set === this.#set)?.samples ?? 0;
  }
}
