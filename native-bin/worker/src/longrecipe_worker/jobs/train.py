"""Training on samples with skipped positions: full or LoRA, resumable to the last bit."""

from __future__ import annotations

import math
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator

from ..checkpoints import Checkpoints, trained_weights
from ..context import Context
from ..devices import Device, choose_device
from ..export import finished_by, save_checkpoint
from ..faults import Fault, Interrupted, non_finite
from ..job import Job, fingerprint
from ..models import checkpoint_dtype, locate
from ..samples import Batch, Samples, collate, predicted_tokens
from ..schedule import learning_rate_factor
from ..trainable import Trainable
from ..validation import validation_of


def run(job: Job, context: Context) -> None:
    """Train and write `model/`; an earlier start's checkpoints are taken up, its finished model is kept."""
    output = Path(job["output"])
    identity = fingerprint(job, "samples")
    if finished_by(output / "model") == identity:
        return
    device = choose_device(job["device"], job["precision"], context.events)
    torch.manual_seed(job["seed"])
    training = Training(job, device, context, identity)
    training.run()
    if training.is_main:
        source = locate(job["model"]["path"])
        save_checkpoint(training.trainable.folded(), source, checkpoint_dtype(source), output / "model", identity)
        training.checkpoints.clear()


@dataclass(frozen=True)
class _StepResult:
    loss: float
    """Nats a token, over every micro batch of the step."""
    grad_norm: float
    factor: float
    """On the peak learning rate."""
    tokens: int
    """Tokens that went through the model, on all ranks."""


class Training:
    """The loop over optimizer steps."""

    def __init__(self, job: Job, device: Device, context: Context, identity: str) -> None:
        """Load model and samples; bring back the newest checkpoint."""
        self._job = job
        self._device = device
        self._context = context
        mixed = "bf16" if device.dtype == torch.bfloat16 else "no"
        self._accelerator = Accelerator(mixed_precision=mixed, cpu=device.kind == "cpu")
        self.is_main = self._accelerator.is_main_process
        self._require_even_shares()
        self.trainable = Trainable(job["model"], job["method"], device, job["gradientCheckpointing"])
        self._samples = Samples(job["samples"], self.trainable.model.get_input_embeddings().num_embeddings)
        self.checkpoints = Checkpoints(
            Path(job["output"]) / "checkpoints", identity, job["keepCheckpoints"], context.events
        )
        optimizer = _optimizer(self.trainable, job, device)
        self._weights = list(trained_weights(self.trainable).values())
        self._first = self.checkpoints.restore(self.trainable, optimizer)
        self._validation = validation_of(job, self.trainable, device, context.events) if self.is_main else None
        # Both are where they belong already.
        self._module, self._optimizer = self._accelerator.prepare(
            self.trainable, optimizer, device_placement=[False, False]
        )

    def run(self) -> None:
        """Take the remaining optimizer steps. Raises Interrupted after a checkpoint where an end was requested."""
        saved, steps = self._first, self._job["steps"]
        if saved == 0:
            self._measure(0)
        for done in range(self._first, steps):
            saved = self.answer_requests(done, saved)
            self.take_step(done)
        self._measure(steps)

    def take_step(self, step: int) -> None:
        """One optimizer step, 0-based, and its metric event."""
        began = time.perf_counter()
        result = self._step(step)
        self._report(step + 1, result, time.perf_counter() - began)

    def answer_requests(self, done: int, saved: int) -> int:
        """Between steps: save where it is time or asked for, end where asked for. Returns the last step saved."""
        due = done % self._job["checkpointEvery"] == 0
        if self._agreed(self._context.interrupts.take_checkpoint_request() or due) and done > saved:
            # Before the checkpoint: after a kill in between, the resumed training comes here again.
            self._measure(done)
            saved = self._save(done)
        if self._agreed(self._context.interrupts.requested() is not None):
            if done > saved:
                self._save(done)
            raise Interrupted(self._context.interrupts.requested() or "another rank was asked to end")
        return saved

    def _step(self, step: int) -> _StepResult:
        """Forward and backward over this rank's micro batches, clipping, update."""
        batches = self._batches(step)
        share = batches[self._accelerator.process_index :: self._accelerator.num_processes]
        predicted = sum(predicted_tokens(batch) for batch in batches)
        factor = learning_rate_factor(self._job["schedule"], step, self._job["steps"], self._job["warmupSteps"])
        for group in self._optimizer.param_groups:
            group["lr"] = self._job["learningRate"] * factor
        total = torch.zeros((), device=self._device.torch)
        # The loss is a mean over the tokens of all ranks, while their gradients are averaged.
        scale = self._accelerator.num_processes / predicted
        for number, batch in enumerate(share, start=1):
            with self._accelerator.no_sync(self._module) if number < len(share) else nullcontext():
                loss = self._module(**{name: tensor.to(self._device.torch) for name, tensor in batch.items()})
                self._accelerator.backward(loss * scale)
            total += loss.detach()
        norm = float(self._accelerator.clip_grad_norm_(self._weights, self._job["maxGradNorm"]))
        mean = float(self._accelerator.reduce(total, "sum")) / predicted
        _require_finite(step + 1, mean, norm)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return _StepResult(mean, norm, factor, sum(batch["input_ids"].numel() for batch in batches))

    def _batches(self, step: int) -> list[Batch]:
        """The micro batches of an optimizer step: samples in the table's order, wrapping around."""
        size, count = self._job["microBatchSize"], self._job["gradientAccumulation"]
        first = step * size * count
        starts = range(first, first + size * count, size)
        return [collate([self._samples[index] for index in range(start, start + size)]) for start in starts]

    def _report(self, step: int, result: _StepResult, seconds: float) -> None:
        values = {
            "loss": result.loss,
            "learningRate": self._job["learningRate"] * result.factor,
            "gradNorm": result.grad_norm,
            "tokensPerSecond": result.tokens / seconds,
            "memoryBytes": self._device.memory_bytes(),
        }
        self._context.events.metric(step, self._job["steps"], values)

    def _measure(self, step: int) -> None:
        """Measure the model after `step` steps, where the job asks for it; the other ranks wait."""
        ends = step in (0, self._job["steps"])
        if self._validation is not None and (ends or self._validation.between):
            interrupts = self._context.interrupts
            self._validation.measure(step, probe=ends, wanted=lambda: interrupts.requested() is None)
        self._accelerator.wait_for_everyone()

    def _save(self, step: int) -> int:
        self._context.events.flush()
        if self.is_main:
            self.checkpoints.save(step, self.trainable, self._optimizer.optimizer)
        self._accelerator.wait_for_everyone()
        return step

    def _agreed(self, wanted: bool) -> bool:
        """Whether any rank wants it: all ranks must save and end at the same step."""
        if self._accelerator.num_processes == 1:
            return wanted
        votes = torch.tensor(float(wanted), device=self._device.torch)
        return float(self._accelerator.reduce(votes, "sum")) > 0

    def _require_even_shares(self) -> None:
        ranks = self._accelerator.num_processes
        if self._job["gradientAccumulation"] % ranks != 0:
            raise Fault(
                "ranks-uneven",
                f"{self._job['gradientAccumulation']} micro batches a step cannot be shared by {ranks} processes.",
                "Choose a batch size whose number of micro batches is a multiple of the number of processes.",
            )


def _optimizer(trainable: Trainable, job: Job, device: Device) -> torch.optim.Optimizer:
    """AdamW. Weight decay is for matrices; norms and biases have none."""
    weights = list(trained_weights(trainable).values())
    groups = [
        {"params": [weight for weight in weights if weight.ndim >= 2], "weight_decay": job["weightDecay"]},
        {"params": [weight for weight in weights if weight.ndim < 2], "weight_decay": 0.0},
    ]
    fused = device.kind in ("cuda", "cpu")
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=job["learningRate"], fused=fused)


def _require_finite(step: int, loss: float, grad_norm: float) -> None:
    if not (math.isfinite(loss) and math.isfinite(grad_norm)):
        raise non_finite(
            f"The training diverged: at step {step} the loss is {loss} and the gradient norm {grad_norm}.",
            "Lower the learning rate (half of it is a good start), raise the warm-up, or take precision float32. "
            "Remove the stage's checkpoints to start anew.",
        )
