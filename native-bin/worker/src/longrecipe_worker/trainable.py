"""The model as it is trained: all weights or adapters, and a loss without materialised logits."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn

from .devices import Device
from .faults import Fault
from .head import Head, cross_entropy_sum
from .models import ModelSpec, checkpoint_dtype, load_model, locate


class Trainable(nn.Module):
    """A causal language model whose forward pass gives the summed next-token loss."""

    def __init__(self, spec: ModelSpec, method: dict[str, Any], device: Device, gradient_checkpointing: bool) -> None:
        """Load the model for training.

        Weights that are trained are float32, whatever the arithmetic: small updates would be lost in bfloat16. Frozen
        ones (under LoRA) are kept in the arithmetic's dtype.
        """
        super().__init__()
        self._device = device
        self._spec = spec
        lora = method["type"] == "lora"
        causal = load_model(spec, device.dtype if lora else torch.float32, device)
        causal.config.use_cache = False
        if gradient_checkpointing:
            causal.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        self.head = Head.of(causal)  # before adapters: it looks at the model as it is
        self.peft = _with_adapters(causal, method) if lora else None
        self.causal = None if lora else causal
        self.train()

    @property
    def model(self) -> Any:
        """The causal language model itself."""
        return self.causal if self.peft is None else self.peft.get_base_model()

    def forward(
        self,
        input_ids: Tensor,
        position_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor,
        weights: Tensor | None = None,
    ) -> Tensor:
        """Sum over the batch of the cross entropy of labels[:, 1:], in nats, each times its weight where there are any.

        All inputs (B, N), int64, weights float32.
        """
        hidden = self.model.base_model(
            input_ids=input_ids, position_ids=position_ids, attention_mask=attention_mask, use_cache=False
        ).last_hidden_state[:, :-1]
        targets = labels[:, 1:].flatten()
        factors = None if weights is None else weights[:, 1:].flatten()
        return cross_entropy_sum(
            self.head, hidden.flatten(0, 1), targets, self._device.dtype, self._device.logits_budget, factors
        )

    def folded(self) -> Any:
        """The trained model as a plain one, adapters folded in at full precision. Ends the training of this object."""
        if self.peft is None:
            return self.causal
        stored = checkpoint_dtype(locate(self._spec["path"]))
        if self._device.dtype in (torch.float32, stored) and "adapter" not in self._spec:
            return self.peft.merge_and_unload()
        # The frozen weights were rounded for the arithmetic; the adapter is folded into the ones of the checkpoint.
        with TemporaryDirectory() as folder:
            self.peft.save_pretrained(folder)
            plain = load_model(self._spec, torch.float32, torch.device("cpu"))
            return PeftModel.from_pretrained(plain, folder).merge_and_unload()


def _with_adapters(causal: Any, method: dict[str, Any]) -> Any:
    if any(target.rpartition(".")[2] == "lm_head" for target in method["targets"]):
        raise Fault(
            "lora-targets",
            "lm_head cannot be a LoRA target: the loss reads its weights directly.",
            "Take lm_head out of training.lora.targets.",
        )
    config = LoraConfig(
        r=method["rank"],
        lora_alpha=method["alpha"],
        lora_dropout=method["dropout"],
        target_modules=list(method["targets"]),
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(causal, config)
    except ValueError as error:
        raise Fault(
            "lora-targets",
            f"No adapter can be put on {', '.join(method['targets'])}: {str(error).splitlines()[0]}",
            "Set training.lora.targets to names of linear layers of this model.",
        ) from error
