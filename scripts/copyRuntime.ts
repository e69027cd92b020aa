/** Part of the production build: puts ONNX Runtime beside the scorer, and jieba beside the runner, that require them. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root } from "./lib.js";

/**
 * ONNX Runtime for this platform alone, beside the scorer that requires it. Left out: its installer, and the libraries
 * of the GPU providers, which are many times its size (the processor's provider is in the runtime itself).
 */
async function copyRuntime(): Promise<void> {
  const modules = join(root, "node_modules");
  const target = join(root, "dist", "node_modules");
  const platform = join("bin", "napi-v6", process.platform, process.arch);
  const parts: Readonly<Record<string, readonly string[]>> = {
    "onnxruntime-node": ["package.json", "dist", platform],
    "onnxruntime-common": ["package.json", "dist/cjs"],
    "jieba-wasm": ["package.json", "LICENSE", "pkg/nodejs"],
  };
  await rm(target, { recursive: true, force: true });
  for (const [name, files] of Object.entries(parts)) {
    for (const file of files) {
      await cp(join(modules, name, file), join(target, name, file), { recursive: true, filter: (path) => !leftOut.test(path) });
    }
  }
}

/** Declarations and maps; the compilers of WebGPU; CUDA and TensorRT; the second copy of the library on macOS. */
const leftOut = /\.(d\.ts|map)$|dxcompiler\.dll$|dxil\.dll$|providers_(cuda|tensorrt)|libonnxruntime\.\d+\.\d+\.\d+\.dylib$/u;

void copyRuntime();
