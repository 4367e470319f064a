"""The loop over epochs and batches."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, TrainingError, settings_named
from chainrule.optim import Adam, Optimizer, clip_by_norm, global_norm
from chainrule.optim.optimizer import weak
from chainrule.signatures import parameters
from chainrule.training import checkpoint as files
from chainrule.training.batches import Batches, as_arrays, batches_of
from chainrule.training.history import Fit, History
from chainrule.training.progress import Progress
from chainrule.training.spread import Spread
from chainrule.training.trouble import stopped
from chainrule.transforms.gradient import value_and_grad


@dataclass
class Run:
    """Where a training stands. `epoch` and `batch` are those of the next step."""

    params: Any
    state: Any
    best: Any
    epoch: int = 0
    batch: int = 0
    lowest: float = np.inf
    waited: int = 0
    loss: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    norm: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)


Function = TypeVar("Function", bound=Callable[..., Any])
CURVES = ("loss", "rate", "norm", "validation")
COUNTS = ("epoch", "batch", "lowest", "waited")


def _within(fit: Function) -> Function:
    """`fit` within the `with` block of a loss that has one."""

    @functools.wraps(fit)
    def within(*args: Any, **settings: Any) -> Any:
        loss = args[0] if args else settings.get("loss")
        with loss if isinstance(loss, Spread) else contextlib.nullcontext():
            return fit(*args, **settings)

    return cast(Function, within)


@_within
@settings_named(lr="opt", optimizer="opt", optimiser="opt", batch_size="batch", val="validation", n_epochs="epochs")
def fit(
    loss: Callable[..., Any],
    params: Any,
    data: Any = (),
    opt: Optimizer | None = None,
    *,
    epochs: int = 10,
    batch: int | None = None,
    seed: int = 0,
    jit: bool = False,
    clip: float | None = None,
    validation: Any = None,
    patience: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int | None = None,
    progress: bool | None = None,
) -> Fit:
    """Train: minimise loss(params, *arrays) by `params`, over batches of the samples.

    loss        takes the parameters and the arrays of a batch, and returns a number. Where it has a parameter `rng`,
                it gets a generator of its own in each step (for dropout), and none when it validates.
                `cluster.value_and_grad(loss)` takes its place where the rows are on many workers: each step is then
                one over all of them.
    params      any nested container of numbers, or an `nn.Module`; it is not changed
    data        an array with a row for each sample, or a tuple of such arrays; () for a loss of the parameters alone
    opt         an optimiser of `chainrule.optim`; Adam() by default
    epochs      how often each sample is used
    batch       samples in a step, drawn without repetition from the shuffled data; None for all. The last is smaller.
    seed        of the order of samples and of `rng`
    jit         compile the step: loss, gradient and update
    clip        largest norm of the gradient (`optim.clip_by_norm`)
    validation  data like `data`, on which the loss is computed after each epoch
    patience    stop when the lowest validation has not fallen for so many epochs
    checkpoint  a file (.safetensors or .npz) that is replaced after each epoch, or every `every` steps. Where it
                exists, the training goes on from there, and ends with the same bits as without the interruption.
    progress    show a bar; by default on a terminal only

    Gives a `Fit`. Raises TrainingError when a loss or a gradient is not finite, naming the operation; ShapeError for
    data of unequal lengths; ArgumentError for a checkpoint of another training, and for settings that are none.

    >>> from chainrule import fit, optim
    >>> x = np.linspace(-1, 1, 20)
    >>> def squares(p, x, y):
    ...     return np.mean((p["slope"] * x + p["at_zero"] - y) ** 2)
    >>> done = fit(squares, {"slope": 0.0, "at_zero": 0.0}, (x, 3 * x + 1), optim.SGD(0.3), epochs=40, batch=10)
    >>> round(done.params["slope"], 3), round(done.params["at_zero"], 3)
    (3.0, 1.0)
    """
    opt = Adam() if opt is None else opt
    _refuse(loss, params, opt, epochs=epochs, patience=patience, every=every)
    _refuse_settings(clip, jit, progress)
    _refuse_alone(patience=patience, validation=validation, every=every, checkpoint=checkpoint)
    batches, held_out = _rows(loss, data, validation, batch, seed)
    draws = any(p.name == "rng" for p in parameters(loss) or ())
    _refuse_loss(loss, (params, *batches.arrays), draws)
    run = Run(params, opt.start(params), params)
    path = None if checkpoint is None else Path(checkpoint)
    settings = files.fingerprint(
        structure=trees.flatten(params)[1], optimiser=opt, batch=batch, seed=seed, clip=clip, data=batches.arrays
    )
    if path is not None and path.exists():
        _resume(run, path, settings)
    step, evaluate = _steps(loss, opt, clip, jit)
    bar = Progress(epochs * batches.count, len(run.loss), progress)
    try:
        while run.epoch < epochs and (patience is None or run.waited < patience):
            _epoch(run, batches, loss, step, opt, draws, bar, epochs, (path, every, settings))
            if held_out is not None:
                _validate(run, float(evaluate(run.params, *held_out)))
            run.epoch, run.batch = run.epoch + 1, 0
            if path is not None:
                _save(run, path, settings)
    finally:
        bar.end()
    curves = {name: np.array(getattr(run, name), dtype=float) for name in CURVES}
    history = History(batches=batches.count, **curves)
    best = run.best if held_out is not None else run.params
    return Fit(run.params, best, run.state, history, run.epoch, "epochs" if run.epoch >= epochs else "patience")


def _rows(loss: Any, data: Any, validation: Any, batch: int | None, seed: int) -> tuple[Batches, Any]:
    """The batches, and the arrays that are validated on."""
    if not isinstance(loss, Spread):
        return batches_of(data, batch, seed), None if validation is None else as_arrays(validation, "validation")
    if batch is not None:
        raise ArgumentError.here("fit: a step of a loss on many workers goes over all rows; leave out batch")
    return Batches((loss.prepared(data),), None, seed), None if validation is None else (loss.prepared(validation),)


def _epoch(
    run: Run,
    batches: Batches,
    loss: Callable[..., Any],
    step: Callable[..., Any],
    opt: Optimizer,
    draws: bool,
    bar: Progress,
    epochs: int,
    save: tuple[Path | None, int | None, dict[str, str]],
) -> None:
    """The steps of an epoch that are still to be made."""
    path, every, settings = save
    for k, arrays in batches.epoch(run.epoch, run.batch):
        extra = {"rng": batches.generator(run.epoch, k)} if draws else {}
        rate = float(opt.rate(run.state["count"]))
        value, norm, params, state = step(run.params, run.state, *arrays, **extra)
        value, norm = float(value), float(norm)
        if not (np.isfinite(value) and np.isfinite(norm)):
            if isinstance(loss, Spread):
                said = f"the loss is {value} and the norm of its gradient {norm} at step {len(run.loss)}"
                raise TrainingError.here(f"fit: {said}; look at the parts on which it is not finite")
            again = functools.partial(loss, **({"rng": batches.generator(run.epoch, k)} if draws else {}))
            where = f"at step {len(run.loss)} (epoch {run.epoch}, batch {k}, counted from 0)"
            raise stopped(again, run.params, arrays, value, norm, where)
        run.params, run.state, run.batch = params, state, k + 1
        for curve, x in zip((run.loss, run.rate, run.norm), (value, rate, norm), strict=True):
            curve.append(x)
        bar.step(len(run.loss), value, rate, f"{run.epoch + 1}/{epochs}")
        if path is not None and every is not None and len(run.loss) % every == 0:
            _save(run, path, settings)


def _steps(loss: Callable[..., Any], opt: Optimizer, clip: float | None, jit: bool) -> tuple[Any, Any]:
    """A step (the value, the norm of its gradient, parameters, state), and the loss alone; compiled on request."""
    spread = isinstance(loss, Spread)
    both = loss if spread else value_and_grad(loss)

    def step(params: Any, state: Any, *arrays: Any, **extra: Any) -> Any:
        value, grads = both(params, *arrays, **extra)
        norm = global_norm(grads)
        if clip is not None:
            grads = clip_by_norm(grads, clip)
        return value, norm, *opt.step(params, grads, state)

    if spread and jit:
        raise ArgumentError.here("fit: a loss on many workers is compiled there; leave out jit")
    if not jit:
        return step, (lambda *args: loss(*args)[0]) if spread else loss
    from chainrule.jit.call.jit import jit as compiled

    fast = compiled(step)

    def plain(*args: Any, **extra: Any) -> Any:
        value, norm, params, state = fast(*args, **extra)
        return value, norm, trees.map(weak, params), trees.map(weak, state)

    return plain, compiled(loss)


def _validate(run: Run, value: float) -> None:
    if np.isnan(value):
        said = f"the loss of the validation data is nan after epoch {run.epoch} (counted from 0)"
        raise TrainingError.here(f"fit: {said}; look whether these data are finite")
    run.validation.append(value)
    if value < run.lowest:
        run.lowest, run.best, run.waited = value, run.params, 0
    else:
        run.waited += 1


def _save(run: Run, path: Path, settings: dict[str, str]) -> None:
    held = {"params": run.params, "state": run.state, "best": run.best}
    curves = {name: np.array(getattr(run, name), dtype=float) for name in CURVES}
    files.write(path, {**held, "curves": curves}, settings, {name: getattr(run, name) for name in COUNTS})


def _resume(run: Run, path: Path, settings: dict[str, str]) -> None:
    held = {"params": run.params, "state": run.state, "best": run.best}
    found, counts = files.read(path, {**held, "curves": dict.fromkeys(CURVES, np.zeros(0))}, settings)
    for name in held:
        setattr(run, name, found[name])
    for name in CURVES:
        setattr(run, name, found["curves"][name].tolist())
    for name in COUNTS:
        setattr(run, name, counts[name])


def _refuse_loss(loss: Callable[..., Any], args: tuple[Any, ...], draws: bool) -> None:
    """Raise ArgumentError where a loss does not take the parameters and a batch of each array; one that is spread over
    workers is handed its data otherwise."""
    if isinstance(loss, Spread):
        return
    try:
        inspect.signature(loss).bind(*args, **({"rng": None} if draws else {}))
    except TypeError as error:
        given = "data is empty" if len(args) == 1 else f"data has {len(args) - 1} array{'s' * (len(args) > 2)}"
        said = f"fit calls loss(params, *data), and {given}: {error}"
        raise ArgumentError.here(said) from None
    except ValueError:  # a function of C without a signature
        pass


def _refuse(loss: Any, params: Any, opt: Any, **whole: Any) -> None:
    if not callable(loss) or inspect.isfunction(params) or inspect.isclass(params):
        given = f"{type(loss).__name__}, {type(params).__name__} in the first two places"
        raise ArgumentError.here(f"fit expects (loss, params, data, opt), got {given}")
    if not isinstance(opt, Optimizer):
        raise ArgumentError.here(
            f"fit expects (loss, params, data, opt) with an optimiser as optim.Adam(1e-3), got {opt!r}"
        )
    for name, n in whole.items():
        if n is not None and (isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < (name != "epochs")):
            raise ArgumentError.here(f"fit: {name} expects a whole number, got {n!r}")


def _refuse_alone(patience: Any, validation: Any, every: Any, checkpoint: Any) -> None:
    if patience is not None and validation is None:
        raise ArgumentError.here("fit: patience needs validation data, validation=(x, y)")
    if every is not None and checkpoint is None:
        raise ArgumentError.here("fit: every says how often to write a checkpoint; name its file, checkpoint=")


def _refuse_settings(clip: Any, jit: Any, progress: Any) -> None:
    numbers = (int, float, np.integer, np.floating)
    if clip is not None and (isinstance(clip, bool) or not isinstance(clip, numbers) or not clip > 0):
        raise ArgumentError.here(f"fit: clip expects the largest norm of the gradient, above 0, got {clip!r}")
    for name, x in (("jit", jit), ("progress", progress)):
        if not (isinstance(x, (bool, np.bool_, int)) and x in (0, 1)) and not (name == "progress" and x is None):
            raise ArgumentError.here(f"fit: {name} expects True or False, got {x!r}")
