/**
 * `npm run study -- NAME...` runs studies of examples/studies, keeps their results and pictures in docs/studies, and makes
 * the tables in docs/studies.md and README.md from them; `npm run study -- --docs` does the latter alone. The study
 * `architectures` first makes its models.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { reportStyle } from "../src/evaluation/reportStyle.js";
import type { StudyReport } from "../src/protocol/studyResults.js";
import { studiesIn, withTables } from "../src/study/documents.js";
import { coveragePicture, forestPicture, lengthPicture } from "../src/study/pictures.js";
import { studyFiles } from "../src/study/places.js";
import { keptText, readStudies, readStudy } from "../src/study/writeStudy.js";
import { longrecipe, root } from "./lib.js";
import { makeSiblings } from "./makeSiblings.js";

const examples = join(root, "examples", "studies");
const kept = join(root, "docs", "studies");
const documents = [join(root, "docs", "studies.md"), join(root, "README.md")];

async function main(): Promise<void> {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  if (names.length === 0 && !process.argv.includes("--docs")) {
    const there = (await readdir(examples)).flatMap((file) => (file.endsWith(ending) ? [basename(file, ending)] : []));
    console.log(`Name a study: ${there.join(", ")}. --docs makes the tables from what is there.`);
    return;
  }
  for (const name of names) {
    const file = join(examples, `${name}${ending}`);
    if (name === "architectures") await makeSiblings();
    const { code } = await longrecipe(["study", file, "--jobs", "2"]);
    if (code !== 0) process.exit(code);
    await mkdir(kept, { recursive: true });
    const report = await readStudy(join(examples, ".longrecipe", "studies", name, studyFiles.results));
    await writeFile(join(kept, `${name}.json`), keptText(report));
  }
  for (const document of documents) await renew(document);
}

const ending = ".longstudy.json";

async function renew(document: string): Promise<void> {
  const text = await readFile(document, "utf8");
  const reports = await readStudies(kept, studiesIn(text));
  for (const [name, report] of reports) await draw(name, report);
  await writeFile(document, withTables(text, reports));
  console.log(document);
}

/** Pictures that stand in a document by themselves: with the report's style inside. */
async function draw(name: string, report: StudyReport): Promise<void> {
  const pictures = { lengths: lengthPicture(report), means: forestPicture(report), coverage: coveragePicture(report) };
  for (const [what, picture] of Object.entries(pictures)) {
    if (picture === "") continue;
    const svg = picture
      .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
      .replace(">", `><style>svg { background: var(--back); font: 12px system-ui, sans-serif; } ${reportStyle}</style>`);
    await writeFile(join(kept, `${name}-${what}.svg`), `${svg}\n`);
  }
}

void main();
