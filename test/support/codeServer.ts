/** Starts and stops code-server, a real VS Code whose window is a web page. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { installCodeServer } from "./codeServerInstall.js";
import { cleanEnvironment, startGroup, waitUntil, type ProcessGroup } from "./processes.js";

const START_TIMEOUT_MS = 120_000;

/** How to start the server. */
export interface CodeServerOptions {
  userDataDir: string;
  extensionsDir: string;
  /** Whether every workspace is trusted (true), or is asked about and restricted until then (false). */
  trust: boolean;
  /** Leave it out for a free one. A window finds its stored state again only under the same port. */
  port?: number;
  /** Added to the environment of the server and of all that it starts. */
  env?: Readonly<Record<string, string>>;
}

/** A server that answers. */
export interface RunningCodeServer {
  port: number;
  url: string;
  /** What it has printed so far. */
  log: () => string;
  /** Ends the server with all of its process group. */
  stop: () => Promise<void>;
}

/** Starts code-server, installing it first if need be, and waits until it answers. */
export async function startCodeServer(options: CodeServerOptions): Promise<RunningCodeServer> {
  const { node, entry } = await installCodeServer();
  const args = [
    ...(await commonArguments(options)),
    `--bind-addr=127.0.0.1:${options.port ?? 0}`,
    "--auth=none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    "--ignore-last-opened",
    ...(options.trust ? ["--disable-workspace-trust"] : []),
  ];
  const server = await startGroup(node, [entry, ...args], serverEnvironment(options));
  try {
    const port = await listeningPort(server);
    return { port, url: `http://127.0.0.1:${port}`, log: server.log, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Installs a packaged extension where a server with the same directories will find it. */
export async function installVsix(file: string, extensionsDir: string, userDataDir: string): Promise<void> {
  const { node, entry } = await installCodeServer();
  const options = { extensionsDir, userDataDir };
  const args = [...(await commonArguments(options)), "--install-extension", file, "--force"];
  await execa(node, [entry, ...args], { env: serverEnvironment(options), extendEnv: false });
}

type Directories = Pick<CodeServerOptions, "userDataDir" | "extensionsDir" | "env">;

async function commonArguments({ userDataDir, extensionsDir }: Directories): Promise<string[]> {
  await mkdir(userDataDir, { recursive: true });
  await mkdir(extensionsDir, { recursive: true });
  // An empty file of our own keeps the user's configuration out.
  const config = join(userDataDir, "code-server.yaml");
  await writeFile(config, "");
  return [`--config=${config}`, `--user-data-dir=${userDataDir}`, `--extensions-dir=${extensionsDir}`];
}

function serverEnvironment({ userDataDir, env }: Directories): NodeJS.ProcessEnv {
  return {
    ...cleanEnvironment(),
    // An empty address: otherwise both the page and the server ask a gallery for extensions.
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "" }),
    XDG_CONFIG_HOME: join(userDataDir, "xdg-config"),
    XDG_DATA_HOME: join(userDataDir, "xdg-data"),
    // Sockets go here, which are never removed otherwise.
    XDG_RUNTIME_DIR: userDataDir,
    ...env,
  };
}

/** The port the server says it listens on, as soon as it also answers there. */
async function listeningPort(server: ProcessGroup): Promise<number> {
  const state = { ended: false, port: 0 };
  void server.exited.then(() => (state.ended = true));
  const answers = await waitUntil(async () => {
    state.port = Number(/server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(server.log())?.[1] ?? 0);
    return state.ended || (state.port !== 0 && (await isHealthy(state.port)));
  }, START_TIMEOUT_MS);
  if (state.ended || !answers) {
    throw new Error(`code-server ${state.ended ? "ended" : "did not answer"} while starting:\n${server.log()}`);
  }
  return state.port;
}

async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}
