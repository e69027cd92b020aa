/** The command line: what can be asked, and what each exit code means. */
import { Command, CommanderError } from "commander";
import { packageVersion } from "../../environment/locations.js";
import { exitCode, type ExitCode } from "../../protocol/errors.js";
import { problemLine } from "../../recipe/located.js";
import { asUserError } from "../faults.js";
import { Interrupted } from "../stage.js";
import type { CommonOptions } from "./context.js";
import { doctor, setup } from "./doctor.js";
import { evaluate, type EvaluateOptions } from "./evaluate.js";
import { extend, resume } from "./extend.js";
import { exportPair, type ExportOptions } from "./export.js";
import { request } from "./request.js";
import { results, type ResultsOptions } from "./results.js";
import { schema } from "./schema.js";
import { runs, status } from "./status.js";
import { study, type StudyCommandOptions } from "./study.js";

const exitCodeHelp = `
Exit codes:
  ${String(exitCode.ok)}  done
  ${String(exitCode.internal)}  a defect of LongRecipe
  ${String(exitCode.badInput)}  the recipe, the corpus, a model or the command line is at fault
  ${String(exitCode.environment)}  no usable Python environment
  ${String(exitCode.interrupted)}  ended on request (pause, stop, Ctrl+C): resume goes on from there
  ${String(exitCode.locked)}  another runner works on this run
  ${String(exitCode.worker)}  the worker failed: out of memory, non-finite loss, disk full, crash

Environment:
  LONGRECIPE_PYTHON  Python interpreter of the worker
  LONGRECIPE_CACHE   folder of the environment that is made when none is named
  LONGRECIPE_KEY_*   keys of evaluated servers, by the names that recipes give them`;

/** @returns the program, its commands attached; every command rejects with what went wrong. */
export function buildProgram(): Command {
  const program = new Command("longrecipe")
    .description("Extend the context window of an open language model.")
    .version(packageVersion())
    .addHelpText("after", exitCodeHelp)
    .exitOverride()
    .showHelpAfterError("(longrecipe --help says more)");
  const command = (usage: string, description: string): Command =>
    program.command(usage).description(description).option("--json", "print JSON for programs: events as lines, answers as one object");
  const working = (usage: string, description: string): Command =>
    command(usage, description).option("--python <path>", "Python interpreter of the worker");

  working("extend <recipe>", "extend a model as the recipe says; prints progress until it is done")
    .option("--run <dir>", "run directory; an existing one goes on where it was (default: .longrecipe/runs/NAME-DATE beside the recipe)")
    .option("--model <folder-or-id>", "model to extend instead of the recipe's")
    .option("--detach", "start it in the background and return")
    .action((recipe: string, options: CommonOptions) => extend(recipe, options));
  working("resume <run>", "go on with a run that was paused, stopped, cut off or failed")
    .option("--detach", "start it in the background and return")
    .action((run: string, options: CommonOptions) => resume(run, options));
  working("evaluate [run-or-model]", "evaluate a finished run again, or any model by a recipe, and print the tables")
    .option("--recipe <file>", "recipe whose evaluation is used (default: the run's recipe file as it is now)")
    .option("--run <dir>", "run directory for a model's evaluation (default: .longrecipe/runs/evaluate-MODEL-DATE beside the recipe)")
    .option("--server <url>", "evaluate a model behind an OpenAI-compatible server instead, such as http://localhost:8000/v1")
    .option("--model <name>", "the model's name on the server")
    .option("--api <api>", "completions or chat (default: completions)")
    .option("--key <name>", "name of the server's key, which stands in the environment as LONGRECIPE_KEY_<NAME>")
    .action((what: string | undefined, options: EvaluateOptions) => evaluate(what, options));
  working("study <file>", "run a recipe with every combination of a study's changes, and compare the runs")
    .option(
      "--run <dir>",
      "directory of the study; an existing one goes on where it was (default: .longrecipe/studies/NAME beside the file)",
    )
    .option("--jobs <number>", "runs at once (default: 1)")
    .action((file: string, options: StudyCommandOptions) => study(file, options));
  working("export <run-or-recipe>", "write base and extended model of a finished run (or a recipe's reference) as ONNX, for the editor")
    .option("--format <format>", "fp32, fp16 or int8 (default: the recipe's)")
    .option("--extended <model>", "trained, merged or reference (default: the recipe's)")
    .option("--run <dir>", "run directory for a recipe's export (default: .longrecipe/runs/export-NAME-DATE beside the recipe)")
    .action((what: string, options: ExportOptions) => exportPair(what, options));
  command("results <run-or-file>", "write evaluation results for other tools")
    .option("--format <format>", "lm-eval (lm-evaluation-harness's results file), csv or markdown", "markdown")
    .option("--output <file>", "file to write (default: standard output)")
    .option("--model <name>", "lm-eval: this model alone (default: each model in a file of its own)")
    .action((what: string, options: ResultsOptions) => results(what, options));
  command("status <run>", "show how far a run is")
    .option("--follow", "go on showing it until its runner ends")
    .action((run: string, options: CommonOptions) => status(run, options));
  command("runs [folder]", "list the runs in a folder").action((folder: string | undefined, options: CommonOptions) =>
    runs(folder ?? ".", options),
  );
  for (const what of ["pause", "stop"] as const) {
    command(`${what} <run>`, `${what} a run after its next checkpoint`)
      .option("--no-wait", "do not wait for the checkpoint")
      .action((run: string, options: CommonOptions) => request(what, run, options));
  }
  working("doctor", "show Python, PyTorch, devices, memory and disk")
    .option("--repair", "make the environment anew")
    .action((options: CommonOptions) => doctor(options));
  working("setup", "make the worker's Python environment, unless it is there")
    .option("--repair", "make it anew")
    .option("--extras <name>", "also install an extra (evaluation: lm-evaluation-harness), or the packages of a lock file")
    .action((options: CommonOptions) => setup(options));
  program
    .command("schema [which]")
    .description("print the JSON Schema of `recipe` or `job` files (default: both)")
    .action((which: string | undefined) => schema(which));
  return program;
}

/** Runs the command line. Faults are printed here, once. @returns the exit code */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  try {
    await buildProgram().parseAsync(args, { from: "user" });
    return exitCode.ok;
  } catch (error) {
    // Help and version end with 0; commander has printed everything already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.badInput;
    return tell(error, args.includes("--json"));
  }
}

function tell(error: unknown, json: boolean): ExitCode {
  if (error instanceof Interrupted) {
    if (!json) console.error(`The run ended on request (${error.request}). Go on with \`longrecipe resume\`.`);
    return exitCode.interrupted;
  }
  const fault = asUserError(error);
  if (json) {
    const { code, message, remedy, problems } = fault;
    console.log(JSON.stringify({ error: { code, message, remedy, problems, exitCode: fault.exit } }));
  } else {
    if (fault.exit === exitCode.internal) console.error(error);
    const told = [`error: ${fault.message}`, ...fault.problems.map(problemLine), `what to do: ${fault.remedy}`];
    console.error(told.join("\n"));
  }
  return fault.exit;
}
