/** What RULER calls noise. */
export const noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";
