/** Which sample is shown: its set, its number, the next one, any one, or the next that holds a text. */
import { element } from "../dom.js";
import { formatInteger } from "../format.js";
import { createButton, createDropdown, createField, type ButtonControl, type ChoiceControl } from "../toolkit.js";
import type { InspectedRun, InspectorToHost, SampleSet } from "../../src/protocol/sampleInspector.js";

const setLabels: Readonly<Record<SampleSet, string>> = { extend: "Extension", replay: "Replay" };

export class Picker {
  readonly element = element("div", { class: "toolbar", attributes: { role: "group", "aria-label": "Sample" } });
  readonly #number: ChoiceControl<string>;
  readonly #count = element("span", { class: "hint" });
  readonly #previous: ButtonControl;
  readonly #next: ButtonControl;
  readonly #sets = element("span");
  #run: InspectedRun | null = null;
  #set: SampleSet = "extend";
  #sample = 0;

  constructor(private readonly post: (message: InspectorToHost) => void) {
    this.#number = createField("Sample", 6, (text) => this.#go(Number(text.replace(/[,\s]/g, "")) - 1));
    this.#previous = createButton("Previous", false, () => this.#go(this.#sample - 1));
    this.#next = createButton("Next", false, () => this.#go(this.#sample + 1));
    const random = createButton("Random", false, () => post({ type: "random", set: this.#set }));
    const search = createField("Find text", 20, (text) => {
      if (text !== "") post({ type: "search", set: this.#set, text, after: this.#sample });
    });
    const controls = [this.#number.element, this.#count, this.#previous.element, this.#next.element, random.element, search.element];
    this.element.append(this.#sets, ...controls);
  }

  setRun(run: InspectedRun): void {
    this.#run = run;
    if (run.sets.length < 2) {
      this.#sets.replaceChildren();
      return;
    }
    const options = run.sets.map(({ set }) => ({ value: set, label: setLabels[set] }));
    this.#sets.replaceChildren(createDropdown("For", options, this.#set, (set) => this.post({ type: "pick", set, sample: 0 })).element);
  }

  setSample(set: SampleSet, sample: number): void {
    this.#set = set;
    this.#sample = sample;
    this.#number.set(String(sample + 1));
    this.#count.textContent = `of ${formatInteger(this.#samples())}`;
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
