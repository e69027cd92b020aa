/** `longrecipe doctor`: what is there to work with. `longrecipe setup`: makes the worker's environment. */
import process from "node:process";
import { detectHardware, type Hardware } from "../../environment/hardware.js";
import { findWorker, type CommonOptions, type WorkerSetup } from "./context.js";

export async function doctor(options: CommonOptions & WorkerSetup): Promise<void> {
  const worker = await findWorker(options, options);
  const hardware = await detectHardware(worker.python, process.cwd());
  if (options.json) console.log(JSON.stringify({ interpreter: worker.python, origin: worker.origin, ...hardware }));
  else console.log(doctorText(worker.python, worker.origin, hardware));
}

export async function setup(options: CommonOptions & WorkerSetup): Promise<void> {
  const worker = await findWorker(options, options);
  if (options.json) console.log(JSON.stringify({ interpreter: worker.python, origin: worker.origin }));
  else console.log(`The worker runs with ${worker.python}.`);
}

/** One line a fact, the values in one column. */
export function doctorText(python: string, origin: string, hardware: Hardware): string {
  const rows: [string, string][] = [
    ["python", `${hardware.python}  ${python} (${origins[origin] ?? origin})`],
    ["torch", hardware.torch],
    ["transformers", hardware.transformers],
    ...hardware.devices.map(({ device, name, memoryBytes, bfloat16 }): [string, string] => {
      const memory = memoryBytes === null ? "" : `, ${gigabytes(memoryBytes)}`;
      return [device, `${name || "processor"}${memory}, ${bfloat16 ? "bfloat16" : "float32"}`];
    }),
    ["processors", String(hardware.cpus)],
    ["memory", gigabytes(hardware.memoryBytes)],
    ["disk free", gigabytes(hardware.diskFreeBytes)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)}${value}`).join("\n");
}

const origins: Readonly<Record<string, string>> = {
  explicit: "named by --python or LONGRECIPE_PYTHON",
  candidate: "chosen in the editor",
  managed: "made by LongRecipe",
};

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
