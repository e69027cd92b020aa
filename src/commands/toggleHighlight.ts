/** Turns the tinting of impactful tokens on or off. */
import type { Command } from "../platform/parts.js";

export const toggleHighlight: Command = async ({ highlights }) => highlights.setEnabled(!highlights.enabled);
