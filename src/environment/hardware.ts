/** What this machine has: devices PyTorch can use, memory, processors, free disk. */
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { execa } from "execa";
import * as z from "zod";
import { exitCode, UserError } from "../protocol/errors.js";

const deviceSchema = z.object({
  device: z.enum(["cuda", "mps", "xpu", "cpu"]),
  name: z.string(),
  /** Memory of the device in bytes; null where it shares the machine's. */
  memoryBytes: z.number().nullable(),
  bfloat16: z.boolean(),
});
const torchSchema = z.object({ python: z.string(), torch: z.string(), transformers: z.string(), devices: z.array(deviceSchema).min(1) });

export type Device = z.infer<typeof deviceSchema>;
export interface Hardware extends z.infer<typeof torchSchema> {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Free bytes where runs are written. */
  readonly diskFreeBytes: number;
}

const script = `
import json, platform, torch, transformers
devices = []
if torch.cuda.is_available():
    for i in range(torch.cuda.device_count()):
        p = torch.cuda.get_device_properties(i)
        devices.append(dict(device="cuda", name=p.name, memoryBytes=p.total_memory, bfloat16=torch.cuda.is_bf16_supported()))
if hasattr(torch, "xpu") and torch.xpu.is_available():
    for i in range(torch.xpu.device_count()):
        p = torch.xpu.get_device_properties(i)
        devices.append(dict(device="xpu", name=p.name, memoryBytes=p.total_memory, bfloat16=True))
if torch.backends.mps.is_available():
    devices.append(dict(device="mps", name="Apple GPU", memoryBytes=None, bfloat16=True))
devices.append(dict(device="cpu", name=platform.processor() or platform.machine(), memoryBytes=None, bfloat16=False))
print(json.dumps(dict(python=platform.python_version(), torch=torch.__version__, transformers=transformers.__version__, devices=devices)))
`;

/**
 * Takes seconds: PyTorch is loaded. Devices come in the order in which `auto` takes them; the processor is last.
 * @param folder where runs are written (it must exist).
 * @throws UserError (exit 3) when PyTorch cannot be loaded.
 */
export async function detectHardware(python: string, folder: string): Promise<Hardware> {
  const result = await execa(python, ["-c", script], { reject: false, timeout: 180_000, stdin: "ignore" });
  if (result.failed) {
    throw new UserError(
      "torch-broken",
      `PyTorch cannot be loaded by ${python}: ${result.stderr.trim().split("\n").at(-1) || result.shortMessage || "unknown reason"}`,
      "Run `longrecipe doctor --repair` to make the environment anew.",
      exitCode.environment,
    );
  }
  const disk = await statfs(folder);
  return {
    ...torchSchema.parse(JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "")),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    diskFreeBytes: disk.bavail * disk.bsize,
  };
}
