/** Interpreters of a few lines of shell that answer as Python, venv and pip would. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ManagedOptions } from "../../../src/environment/managed.js";

/** What a fake Python does. */
export interface FakePython {
  readonly version?: string;
  readonly packages?: Readonly<Record<string, string>>;
  /** Shell commands for `-m venv FOLDER` ($3). Left out: makes a folder with a Python that has `installed` once pip ran. */
  readonly venv?: string;
  /** Shell commands before pip in the made environment succeeds. */
  readonly pip?: string;
  readonly installed?: Readonly<Record<string, string>>;
}

/** Writes the interpreter; each call is noted in `log`. */
export async function fakePython(folder: string, name: string, fake: FakePython): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  const log = join(folder, "calls.log");
  const answer = JSON.stringify({ executable: file, version: fake.version ?? "3.11.7", packages: fake.packages ?? {} });
  const inside = JSON.stringify({ executable: "venv", version: fake.version ?? "3.11.7", packages: fake.installed ?? {} });
  const venv = fake.venv ?? `mkdir -p "$3/bin"; cp "${file}.venv" "$3/bin/python"`;
  await writeFile(
    `${file}.venv`,
    `#!/bin/sh
echo "venv $1 $2 $3" >> "${log}"
here=$(dirname "$0")
case "$1 $2 $3" in
  "-m pip install") ${fake.pip ?? ":"}
    echo "Collecting torch"; touch "$here/installed";;
  *) if [ -f "$here/installed" ]; then echo '${inside}'; else echo '${answer}'; fi;;
esac
`,
  );
  await writeFile(
    file,
    `#!/bin/sh
echo "base $1 $2" >> "${log}"
case "$1 $2" in
  "-m venv") ${venv};;
  *) echo '${answer}';;
esac
`,
  );
  await Promise.all([chmod(file, 0o755), chmod(`${file}.venv`, 0o755)]);
  return file;
}

export async function calls(folder: string): Promise<string[]> {
  return (await readFile(join(folder, "calls.log"), "utf8")).trim().split("\n");
}

/** A worker project that needs torch 2 alone, and options to make its environment below `folder`. */
export async function managedOptions(folder: string, python: string): Promise<ManagedOptions & { messages: string[] }> {
  const project = {
    packageDirectory: folder,
    pyproject: join(folder, "pyproject.toml"),
    lockFile: join(folder, "requirements.lock"),
    extras: { evaluation: join(folder, "requirements-evaluation.lock") },
  };
  await writeFile(project.pyproject, 'requires-python = ">=3.11"\ndependencies = [\n  "torch>=2.0",\n]\n');
  await writeFile(project.lockFile, "torch==2.1.0\n");
  const messages: string[] = [];
  return { root: join(folder, "cache"), project, basePython: python, messages, onProgress: ({ message }) => messages.push(message) };
}
