/** `npx tsx test/support/playRun.ts FOLDER [completed|paused|failed|running] [DELAY_MS]`: puts a made-up run into a folder. */
import { join, resolve } from "node:path";
import process from "node:process";
import * as z from "zod";
import { RunPlayer, writeFixtureRun } from "./fixtureRun.js";

const [folder = ".", ending = "completed", delay] = process.argv.slice(2);
const end = z.enum(["completed", "paused", "failed", "running"]).parse(ending);
const directory = join(resolve(folder), ".longrecipe", "runs", `fixture-${String(Date.now())}`);
const recipeFile = join(resolve(folder), "fixture.longrecipe.json");
if (delay === undefined) {
  await writeFixtureRun(directory, recipeFile, { end });
} else {
  const player = await RunPlayer.start(directory, recipeFile, { end });
  await player.play(z.coerce.number().parse(delay));
  await player.end();
}
console.log(directory);
