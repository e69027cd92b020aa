import type { InputOptions, OutputOptions } from "rolldown";

export const input: InputOptions;
export function output(production: boolean): OutputOptions;
