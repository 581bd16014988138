"""`symtests explain-check`: what a check of one's own can tell, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue

if TYPE_CHECKING:
    from symtests.own_check import Setting

__all__ = ["app"]

app = typer.Typer(
    help="What a check of your own can tell on your network: its own error, and the faults that it lets pass.",
    no_args_is_help=True,
)

Sizes = Annotated[str, typer.Option("--sizes", help="inputs, hidden units and outputs, as in 64-32-10")]
Activations = Annotated[
    list[str] | None, typer.Option("--activation", help="of all hidden layers, or one for each; tanh unless given")
]
Loss = Annotated[str, typer.Option("--loss", help="mse, bce, softmax_cross_entropy or logistic_mse")]
Samples = Annotated[int, typer.Option("--samples", help="samples, drawn at random")]
Bias = Annotated[bool, typer.Option("--bias/--no-bias", help="whether layers have biases")]
Start = Annotated[str, typer.Option("--start", help="how the weights are drawn, as in glorot_uniform or he_normal")]
Seed = Annotated[int, typer.Option("--seed", help="of weights and samples")]
CaseFile = Annotated[
    Path | None,
    typer.Option("--case", help="JSON file with network, parameters and batch, in place of all that is drawn"),
]
Dtype = Annotated[str, typer.Option("--dtype", help="in which the check computes: float32 or float64")]
AsJson = Annotated[bool, typer.Option("--json", help="print everything as JSON")]


@app.command()
def gradcheck(
    sizes: Sizes = "2-2-1",
    activations: Activations = None,
    loss: Loss = "mse",
    samples: Samples = 8,
    bias: Bias = True,
    start: Start = "glorot_uniform",
    seed: Seed = 0,
    case: CaseFile = None,
    as_json: AsJson = False,
) -> None:
    """Explain torch.autograd.gradcheck with its defaults: step 1e-6, float64, rtol 1e-3, atol 1e-5."""
    _difference({}, _setting(sizes, activations, loss, samples, bias, start, seed, case), as_json=as_json)


@app.command()
def difference(
    step: Annotated[float, typer.Option("--step", help="how far each parameter is moved")] = 1e-6,
    dtype: Dtype = "float64",
    rtol: Annotated[float, typer.Option("--rtol", help="relative tolerance")] = 1e-3,
    atol: Annotated[float, typer.Option("--atol", help="absolute tolerance")] = 1e-5,
    forward: Annotated[bool, typer.Option("--forward", help="one-sided differences, not central ones")] = False,
    sizes: Sizes = "2-2-1",
    activations: Activations = None,
    loss: Loss = "mse",
    samples: Samples = 8,
    bias: Bias = True,
    start: Start = "glorot_uniform",
    seed: Seed = 0,
    case: CaseFile = None,
    as_json: AsJson = False,
) -> None:
    """Explain a gradient check by differences of the loss: |g - d| <= atol + rtol |d|."""
    options = {"step": step, "dtype": dtype, "rtol": rtol, "atol": atol, "central": not forward}
    _difference(options, _setting(sizes, activations, loss, samples, bias, start, seed, case), as_json=as_json)


@app.command()
def allclose(
    steps: Annotated[str, typer.Option("--steps", help="after how many steps, as in 1,10,1000")] = "1,10,1000",
    optimizer: Annotated[str, typer.Option("--optimizer", help="sgd, momentum, adam, ...")] = "sgd",
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="of the optimizer")] = 0.1,
    dtype: Dtype = "float64",
    rtol: Annotated[float, typer.Option("--rtol", help="relative tolerance")] = 1e-5,
    atol: Annotated[float, typer.Option("--atol", help="absolute tolerance")] = 1e-8,
    sizes: Sizes = "2-2-1",
    activations: Activations = None,
    loss: Loss = "mse",
    samples: Samples = 8,
    bias: Bias = True,
    start: Start = "glorot_uniform",
    seed: Seed = 0,
    case: CaseFile = None,
    as_json: AsJson = False,
) -> None:
    """Explain numpy.allclose between the parameters that two implementations reach: |a - b| <= atol + rtol |b|."""
    from symtests.own_check import Agreement, explain_agreement
    from symtests.own_check.telling import agreement_told
    from symtests.training import Training

    training = Training(optimizer, learning_rate)
    check = Agreement(_whole_numbers("steps", steps, ","), training, dtype, rtol, atol)
    setting = _setting(sizes, activations, loss, samples, bias, start, seed, case)
    with said_while_it_lasts(terminal(stderr=True), "training in several ways that are all right, and in wrong ones"):
        report = explain_agreement(setting, check)
    _show(agreement_told(setting, report), report.to_json(), as_json=as_json)


def _difference(options: dict[str, Any], setting: Setting, *, as_json: bool) -> None:
    from symtests.own_check import Difference, explain_difference
    from symtests.own_check.telling import difference_told

    check = Difference(**options)
    with said_while_it_lasts(terminal(stderr=True), "comparing gradients with differences of the loss"):
        report = explain_difference(setting, check)
    _show(difference_told(setting, report), report.to_json(), as_json=as_json)


def _setting(
    sizes: str,
    activations: list[str] | None,
    loss: str,
    samples: int,
    bias: bool,
    start: str,
    seed: int,
    case: Path | None,
) -> Setting:
    from symtests.network import Network
    from symtests.own_check import Setting

    if case is not None:
        return Setting.of_case(_json_of(case))
    names = activations or ["tanh"]
    numbers = _whole_numbers("sizes", sizes, "-")
    network = Network(numbers, names[0] if len(names) == 1 else names, loss, bias)
    return Setting.drawn(network, samples, start, seed)


def _json_of(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValue(
            f"case={str(path)!r}: cannot be read as JSON ({type(error).__name__}); name another file"
        ) from None
    if not isinstance(data, dict):
        raise InvalidValue(f"case={str(path)!r}: must be an object with network, parameters and batch")
    return data


def _whole_numbers(name: str, text: str, between: str) -> tuple[int, ...]:
    words = text.split(between)
    if not all(word.strip().isdecimal() for word in words):
        raise InvalidValue(f"{name}={text!r}: must be whole numbers with {between!r} between them")
    return tuple(int(word) for word in words)


def _show(lines: list[tuple[str, str]], data: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(data, indent=2))
        return
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for heading, text in lines:
        table.add_row(heading, text)
    terminal().print(table)
