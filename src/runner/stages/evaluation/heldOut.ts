/** Held-out text for the evaluation: as much as is needed, in seeded order, whatever the size of the corpus. */
import type { Corpus } from "../../../protocol/recipe.js";
import { Random } from "../../../recipe/random.js";
import { expandCorpus, requireFiles } from "../corpusFiles.js";
import { readDocuments } from "../documents.js";
import type { Omission } from "../omissions.js";

export interface HeldOutText {
  readonly path: string;
  readonly hash: string;
  readonly text: string;
}

export interface HeldOutOptions {
  readonly recipeDirectory: string;
  /** Key path of the corpus in the recipe, for messages. */
  readonly key: string;
  readonly seed: number;
  /** Reading stops once this many UTF-16 units were found. */
  readonly characters: number;
  /** Longer documents are cut to this many UTF-16 units. */
  readonly longest: number;
  /** Told of every document that is left out of what is read. */
  readonly omit?: (omission: Omission) => void;
}

/** Documents of a corpus in seeded order of files. @throws UserError when there is no file */
export async function heldOutTexts(corpus: Corpus, options: HeldOutOptions): Promise<HeldOutText[]> {
  const files = await expandCorpus(corpus, options.recipeDirectory);
  requireFiles(files, corpus, options.key);
  new Random(options.seed, "held-out").shuffle(files);
  const texts: HeldOutText[] = [];
  let characters = 0;
  for (const file of files) {
    for await (const { path, hash, text } of readDocuments([file], options.omit)) {
      const cut = cutText(text, options.longest);
      texts.push({ path, hash, text: cut });
      characters += cut.length;
      if (characters >= options.characters) return texts;
    }
  }
  return texts;
}

/** Never between the halves of a surrogate pair. */
function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const last = text.charCodeAt(longest - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? longest - 1 : longest);
}
