import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asUserError } from "../../../src/runner/faults.js";

it("a folder that cannot be made is no defect; a file that is missing where nobody expects it is one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "faults-"));
  try {
    await writeFile(join(folder, "file"), "");
    for (const path of [join(folder, "file"), join(folder, "file", "run"), join(folder, "no", "such")]) {
      const error: unknown = await mkdir(path).catch((thrown: unknown) => thrown);
      expect(asUserError(error)).toMatchObject({ code: "folder-impossible", exit: 2, message: expect.stringContaining(path) as string });
    }
    for (const path of [join(folder, "file", "in", "it"), join(folder, "n".repeat(300))]) {
      const error: unknown = await open(path).catch((thrown: unknown) => thrown);
      expect(asUserError(error)).toMatchObject({ code: "folder-impossible", exit: 2 });
    }
    const missing: unknown = await open(join(folder, "none")).catch((thrown: unknown) => thrown);
    expect(asUserError(missing)).toMatchObject({ code: "internal", exit: 1 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
