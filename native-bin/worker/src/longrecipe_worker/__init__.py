"""LongRecipe's tensor worker: a job file in, events and files out. It knows nothing of recipes."""
