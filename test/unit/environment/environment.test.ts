import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { findPython } from "../../../src/environment/findPython.js";
import { bringExtra } from "../../../src/environment/extras.js";
import { ensureExtras, ensureManaged, managedFolder, readyManaged } from "../../../src/environment/managed.js";
import { probePython } from "../../../src/environment/probe.js";
import { resolvePython } from "../../../src/environment/resolve.js";
import { temporaryFolder } from "../runner/support.js";
import { calls, fakePython, managedOptions } from "./support.js";

// A busy machine starts dozens of shells slowly.
vi.setConfig({ testTimeout: 60_000 });

const torch = { torch: "2.1.0" };

describe.skipIf(process.platform === "win32")("finding Python", () => {
  it("takes the first whose version will do", async () => {
    const folder = await temporaryFolder();
    const old = await fakePython(folder, "old", { version: "3.8.1" });
    const good = await fakePython(folder, "good", { version: "3.12.0" });
    expect(await findPython({ python: "3.11" }, [["/no/such"], [old], [good]])).toBe(good);
  });

  it("says what was found when nothing will do", async () => {
    const old = await fakePython(await temporaryFolder(), "old", { version: "3.8.1" });
    const search = findPython({ python: "3.11" }, [["/no/such"], [old]]);
    await expect(search).rejects.toMatchObject({ code: "no-python", exit: 3 });
    await expect(search).rejects.toThrow("3.8.1");
  });

  it("gives the reason when an interpreter cannot be asked", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "talks");
    await writeFile(file, "#!/bin/sh\necho hello\n");
    await chmod(file, 0o755);
    expect(await probePython([file], [])).toEqual({ reason: expect.stringContaining("hello") as unknown });
    expect(await probePython([join(folder, "none")], [])).toEqual({ reason: "there is no such program" });
    const mute = join(folder, "mute");
    await writeFile(mute, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    expect(await probePython([mute], [])).toEqual({ reason: "it ended with code 3, without a word" });
  });
});

describe.skipIf(process.platform === "win32")("managed environment", () => {
  it("is made once, then used", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    expect(await readyManaged(options)).toBeNull();
    const python = await ensureManaged(options);
    expect(await readyManaged(options)).toBe(python);
    const made = (await calls(folder)).filter((call) => call.includes("pip")).length;
    expect(await ensureManaged(options)).toBe(python);
    expect((await calls(folder)).filter((call) => call.includes("pip")).length).toBe(made);
    expect(options.messages.at(-1)).toContain("ready");
  });

  it("is made once when two processes want it", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch, pip: "sleep 0.3" }));
    const [a, b] = await Promise.all([ensureManaged(options), ensureManaged(options)]);
    expect(a).toBe(b);
    expect((await calls(folder)).filter((call) => call.startsWith("base -m venv"))).toHaveLength(1);
  });

  it("is made anew when it is broken, or unfinished, or the lock file changed", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    const python = await ensureManaged(options);
    await rm(python);
    await ensureManaged(options);
    expect(await readyManaged(options)).toBe(python);
    await rm(join(await managedFolder(options.root, options.project.lockFile), ".longrecipe.json"));
    await ensureManaged(options);
    await writeFile(options.project.lockFile, "torch==2.2.0\n");
    expect(await ensureManaged(options)).not.toBe(python);
    expect((await calls(folder)).filter((call) => call.startsWith("base -m venv"))).toHaveLength(4);
  });

  it("tells what is missing when Python cannot make virtual environments", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { venv: 'echo "ensurepip is not available"; exit 1' }));
    await expect(ensureManaged(options)).rejects.toMatchObject({
      code: "no-venv",
      exit: 3,
      remedy: expect.stringContaining("python3-venv") as unknown,
    });
    expect(await readyManaged(options)).toBeNull();
  });

  it("tells why packages could not be installed, and leaves nothing that looks finished", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(
      folder,
      await fakePython(folder, "python", { pip: 'echo "ERROR: no matching distribution"; exit 1' }),
    );
    const making = ensureManaged(options);
    await expect(making).rejects.toMatchObject({ code: "environment-not-made", exit: 3 });
    await expect(making).rejects.toThrow("no matching distribution");
    expect(await readyManaged(options)).toBeNull();
  });

  it("can be cancelled", async () => {
    const folder = await temporaryFolder();
    const abort = new AbortController();
    const options = await managedOptions(folder, await fakePython(folder, "python", { pip: "exec sleep 30", installed: torch }));
    const making = ensureManaged({ ...options, signal: abort.signal });
    setTimeout(() => abort.abort(), 500);
    await expect(making).rejects.toMatchObject({ name: "AbortError" });
    expect(await readyManaged(options)).toBeNull();
    expect((await readdir(options.root)).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  it("takes further packages once", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    const extras = join(folder, "test.lock");
    await writeFile(extras, "pytest==9.0\n");
    await ensureExtras(options, extras);
    await ensureExtras(options, extras);
    expect((await calls(folder)).filter((call) => call.includes("pip"))).toHaveLength(2);
  });

  it("takes an extra when work needs it, and leaves environments of others alone", async () => {
    const folder = await temporaryFolder();
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    await writeFile(options.project.extras.evaluation, "lm-eval==0.4.13\n");
    const python = await ensureManaged(options);
    const bring = (interpreter: string): Promise<void> => bringExtra(interpreter, "evaluation", options.project, () => undefined);
    await bring(python);
    await bring(python);
    expect((await calls(folder)).filter((call) => call.includes("pip"))).toHaveLength(2);
    await bring(await fakePython(join(folder, "own", "bin"), "python", { packages: torch }));
    expect(await calls(join(folder, "own", "bin")).catch(() => [])).toEqual([]);
  });

  it("goes on with venv and pip, saying why, when uv fails", async () => {
    const folder = await temporaryFolder();
    const bin = join(folder, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "uv"), '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "no route to the index"; exit 2\n');
    await chmod(join(bin, "uv"), 0o755);
    vi.stubEnv("PATH", `${bin}:${process.env["PATH"] ?? ""}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    expect(await ensureManaged(options)).toContain("cache");
    expect(options.messages.join("\n")).toContain("no route to the index");
  });
});

describe.skipIf(process.platform === "win32")("resolution", () => {
  it("the named interpreter goes first, and is refused with everything it lacks", async () => {
    const folder = await temporaryFolder();
    const named = await fakePython(folder, "named", { packages: torch });
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    expect(await resolvePython({ ...options, explicit: named })).toEqual({ python: named, origin: "explicit" });
    const bare = await fakePython(folder, "bare", { version: "3.9.0" });
    const refused = resolvePython({ ...options, explicit: bare, candidates: [named] });
    await expect(refused).rejects.toMatchObject({ code: "python-unsuitable", exit: 3, problems: { length: 2 } });
  });

  it("a candidate is used when it has what is needed, else it is said why not", async () => {
    vi.stubEnv("LONGRECIPE_PYTHON", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const folder = await temporaryFolder();
    const good = await fakePython(folder, "good", { packages: torch });
    const bare = await fakePython(folder, "bare", {});
    const options = await managedOptions(folder, await fakePython(folder, "python", { installed: torch }));
    expect(await resolvePython({ ...options, candidates: [bare, good] })).toEqual({ python: good, origin: "candidate" });
    expect(options.messages.join()).toContain("torch>=2.0 is not installed");
    expect(await resolvePython({ ...options, candidates: [bare] })).toMatchObject({ origin: "managed" });
  });

  it("LONGRECIPE_PYTHON names one, too", async () => {
    const folder = await temporaryFolder();
    const named = await fakePython(folder, "named", { packages: torch });
    vi.stubEnv("LONGRECIPE_PYTHON", named);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await resolvePython(await managedOptions(folder, "/no/python"))).toEqual({ python: named, origin: "explicit" });
  });
});
