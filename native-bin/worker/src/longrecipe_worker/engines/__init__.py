"""Ways to answer prompts greedily: with shared beginnings, plainly, or by vLLM."""
