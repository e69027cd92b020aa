import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { liveOwner, lockRun } from "../../../src/runner/lock.js";
import { identityOf, isAlive } from "../../../src/runner/processes.js";
import { exists, runPaths } from "../../../src/runner/runDirectory.js";
import { temporaryFolder } from "./support.js";

const ignore = () => undefined;
const stringWith = (part: string): unknown => expect.stringContaining(part);

describe("lock", () => {
  it("refuses a second runner with exit code 5 and says who is at work", async () => {
    const paths = runPaths(await temporaryFolder());
    const lock = await lockRun(paths, ignore);
    await expect(lockRun(paths, ignore)).rejects.toMatchObject({
      code: "locked",
      exit: 5,
      message: stringWith(String(process.pid)),
    });
    expect(await liveOwner(paths)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await liveOwner(paths)).toBeNull();
    expect(await exists(paths.lock)).toBe(false);
    await (await lockRun(paths, ignore)).release();
  });

  it("takes over the lock of a runner that was killed", async () => {
    const paths = runPaths(await temporaryFolder());
    await mkdir(paths.lock);
    const old = new Date(Date.now() - 60_000);
    await utimes(paths.lock, old, old);
    await writeFile(paths.owner, JSON.stringify({ pid: process.pid, start: "another start", host: hostname() }));
    const lock = await lockRun(paths, ignore);
    expect(JSON.parse(await readFile(paths.owner, "utf8"))).toMatchObject(identityOf(process.pid));
    await lock.release();
  });

  it("respects a fresh lock of another machine", async () => {
    const paths = runPaths(await temporaryFolder());
    await mkdir(paths.lock);
    await writeFile(paths.owner, JSON.stringify({ pid: 1, start: null, host: "elsewhere" }));
    await expect(lockRun(paths, ignore)).rejects.toMatchObject({ code: "locked", message: stringWith("elsewhere") });
  });
});

describe("processes", () => {
  it("tells a process from a later one of the same id", () => {
    const self = identityOf(process.pid);
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, start: "0" })).toBe(process.platform === "win32");
    expect(isAlive({ pid: 2 ** 22 - 7, start: null })).toBe(false);
  });
});
