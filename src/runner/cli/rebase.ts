/** An evaluation taken from a recipe in another folder. */
import { isAbsolute, join, relative } from "node:path";
import type { Corpus, CorpusSource, Recipe } from "../../protocol/recipe.js";
import { exists } from "../runDirectory.js";
import type { LoadedRecipe } from "./context.js";

/** The evaluation of a recipe, its paths made relative to `directory`. Hub ids stay what they are. */
export async function rebasedEvaluation(given: LoadedRecipe, directory: string): Promise<Recipe["evaluation"]> {
  const move = (path: string): string => (isAbsolute(path) ? path : relative(directory, join(given.directory, path)) || ".");
  const moveFolder = async (path: string): Promise<string> => ((await exists(join(given.directory, path))) ? move(path) : path);
  const movedSource = (source: CorpusSource): CorpusSource => ({
    ...source,
    include: source.include.map(move),
    exclude: source.exclude.map(move),
  });
  const moved = (corpus: Corpus): Corpus => (Array.isArray(corpus) ? corpus.map(movedSource) : movedSource(corpus));
  const { needle, perplexity, ruler, longBench, ability, models } = given.recipe.evaluation;
  return {
    ...given.recipe.evaluation,
    needle: { ...needle, haystack: moved(needle.haystack ?? given.recipe.corpus) },
    perplexity: { ...perplexity, ...(perplexity.corpus === undefined ? {} : { corpus: moved(perplexity.corpus) }) },
    ruler: {
      ...ruler,
      ...(ruler.haystack === undefined ? {} : { haystack: moved(ruler.haystack) }),
      ...(ruler.squad === undefined ? {} : { squad: move(ruler.squad) }),
      ...(ruler.hotpot === undefined ? {} : { hotpot: move(ruler.hotpot) }),
    },
    longBench: await Promise.all(
      longBench.map(async (set) => ({ ...set, path: isAbsolute(set.path) ? set.path : await moveFolder(set.path) })),
    ),
    ability: { ...ability, ...(ability.include === undefined ? {} : { include: move(ability.include) }) },
    models: await Promise.all(
      models.map(async (model) =>
        model.path === undefined || isAbsolute(model.path) ? model : { ...model, path: await moveFolder(model.path) },
      ),
    ),
  };
}
