/**
 * Peak arithmetic of devices, dense, in operations a second, from their makers' data sheets. The first pattern that the
 * device's name matches counts.
 */
interface Peak {
  readonly name: RegExp;
  readonly bfloat16: number;
  readonly float32: number;
}

const tera = 1e12;
const peaks: readonly Peak[] = [
  { name: /\bB200\b/, bfloat16: 2250 * tera, float32: 75 * tera },
  { name: /\bH100 (PCIe|NVL)/, bfloat16: 756 * tera, float32: 51 * tera },
  { name: /\b(H100|H200|GH200)\b/, bfloat16: 989 * tera, float32: 67 * tera },
  { name: /\bA100\b/, bfloat16: 312 * tera, float32: 19.5 * tera },
  { name: /\bL40S\b/, bfloat16: 362 * tera, float32: 91.6 * tera },
  { name: /\bL4\b/, bfloat16: 121 * tera, float32: 30.3 * tera },
  { name: /\bA10G?\b/, bfloat16: 125 * tera, float32: 31.2 * tera },
  { name: /\bA6000\b/, bfloat16: 155 * tera, float32: 38.7 * tera },
  { name: /\b5090\b/, bfloat16: 209 * tera, float32: 105 * tera },
  { name: /\b4090\b/, bfloat16: 165 * tera, float32: 82.6 * tera },
  { name: /\b3090\b/, bfloat16: 71 * tera, float32: 35.6 * tera },
  { name: /\bV100\b/, bfloat16: 15.7 * tera, float32: 15.7 * tera },
  { name: /\bT4\b/, bfloat16: 8.1 * tera, float32: 8.1 * tera },
  { name: /MI300X/, bfloat16: 1307 * tera, float32: 163 * tera },
  { name: /MI250/, bfloat16: 362 * tera, float32: 45 * tera },
];

/** @returns null for a device that is not in the table. */
export function devicePeak(name: string, precision: "float32" | "bfloat16"): number | null {
  return peaks.find((peak) => peak.name.test(name))?.[precision] ?? null;
}
