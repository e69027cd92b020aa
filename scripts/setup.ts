/** `npm run setup`: everything that `npx longrecipe` needs. bootstrap.mjs has installed the packages and built dist. */
import process from "node:process";
import { longrecipe } from "./lib.js";

async function main(): Promise<void> {
  const { code } = await longrecipe(["setup", ...process.argv.slice(2)]);
  if (code !== 0) process.exit(code);
  await longrecipe(["doctor"]);
  console.log("Ready. Try `npm run demo`, or `npx longrecipe --help`.");
}

void main();
