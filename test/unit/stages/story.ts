/** Sentences of prose, every fifth of which holds a number. */
export function story(seed: number, sentences: number): string {
  return Array.from({ length: sentences }, (_, at) =>
    at % 5 === 0 ? `Box ${seed} weighs ${at + 100} pounds now.` : `Then word${(seed * 7 + at) % 50} went home again.`,
  ).join(" ");
}
