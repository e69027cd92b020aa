/** RULER's scoring: string matches, whatever their case. */

/** An answer as the published evaluation reads it: control characters become line breaks, blanks at the ends go. */
function read(answer: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is meant
  const visible = answer.trim().replace(/[\u0000-\u001f]/gu, "\n");
  return visible.trim().toLowerCase();
}

/** `string_match_all`: the share of the references that the answer contains. */
export function matchAll(answer: string, references: readonly string[]): number {
  const text = read(answer);
  return references.length === 0 ? 0 : references.filter((reference) => text.includes(reference.toLowerCase())).length / references.length;
}

/** `string_match_part`: 1 where the answer contains any of the references. */
export function matchPart(answer: string, references: readonly string[]): number {
  const text = read(answer);
  return references.some((reference) => text.includes(reference.toLowerCase())) ? 1 : 0;
}
