/** What could not be told: silence would look as if all were well. */
import type { Diagnosis } from "../../protocol/events.js";

/** Why something was not measured, and what to change to know it. */
export type Missing = Pick<Diagnosis, "cause" | "setting">;

/** @param question what is not known, to stand after "Not measured: " */
export function unmeasured(question: string, { cause, setting }: Missing): Diagnosis {
  const evidence = "The run says neither that this is well nor that it is not; what is trained already is not measured again.";
  return { kind: "diagnosis", title: `Not measured: ${question}`, evidence, cause, setting, measured: false };
}

/** A measurement that was planned and is not there. */
export const measurementLost: Missing = {
  cause:
    "The measurement before or after the training is not there: it failed (see the warnings of this stage), or was given up for a pause.",
  setting: "What the warnings name.",
};

/** Whether a diagnosis says that something could not be told. */
export function isUnmeasured({ measured }: Diagnosis): boolean {
  return measured === false;
}
