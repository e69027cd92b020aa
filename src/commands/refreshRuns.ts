/** Looks for runs again. */
import type { Command } from "../platform/parts.js";

export const refreshRuns: Command = (parts) => parts.store.discover();
