/** Looks for runs again. */
import type { Command } from "../platform/parts.js";

export const refreshRuns: Command = {
  id: "longrecipe.refreshRuns",
  run: (parts) => parts.store.discover(),
};
