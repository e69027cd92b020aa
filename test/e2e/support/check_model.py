"""Loads a checkpoint as anybody would and lets it go on with a prompt longer than the original window; prints JSON.

Usage: check_model.py FOLDER
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
prompt = tokenizer("The river runs past an old mill. " * 12, return_tensors="pt")
with torch.no_grad():
    new = model.generate(**prompt, max_new_tokens=4, min_new_tokens=4, do_sample=False)
print(
    json.dumps(
        {
            "architecture": type(model).__name__,
            "window": model.config.max_position_embeddings,
            "theta": model.config.rope_parameters["rope_theta"],
            "promptTokens": prompt["input_ids"].shape[1],
            "newTokens": new.shape[1] - prompt["input_ids"].shape[1],
            "finite": all(bool(torch.isfinite(weight).all()) for weight in model.parameters()),
        }
    )
)
