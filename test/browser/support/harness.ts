/** The dashboard with the player in the host's place: for its tests and its benchmark. */
import { startPageServer, type PageServer } from "./pageServer.js";

/** Bundles the page, as small as it is shipped, and the player, and serves them. */
export function startHarness(): Promise<PageServer> {
  return startPageServer("dashboard", { host: { entry: "webview/player.ts" }, minify: true });
}
