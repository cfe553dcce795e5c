"""The command: ``python -m bench``. Writes ``results.md``, ``results.svg`` and ``samples.json``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final, TypeVar

from bench.contenders import contenders
from bench.contenders.contender import Contender
from bench.figures import FIGURES
from bench.figures.figure import Scale
from bench.load.build import build
from bench.machine import FILES_WANTED, BenchError, choose_cores, facts, raise_file_limit
from bench.plot import svg
from bench.report import markdown
from bench.rounds import Plan, Sample, run
from bench.stage import set_up
from bench.summary import Summary

_ROOT: Final = Path(__file__).parent
_CACHE: Final = _ROOT.parent / ".bench"

Named = TypeVar("Named")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 where it cannot."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    try:
        asked.cache.mkdir(parents=True, exist_ok=True)
        (asked.cache / ".gitignore").write_text("*\n")
        asked.output.mkdir(parents=True, exist_ok=True)
        _measure(asked)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _end(number: int, _frame: FrameType | None) -> None:
    """Unwinds, so that everything that was started is ended."""
    sys.exit(128 + number)


def _measure(asked: argparse.Namespace) -> None:
    tools = build(asked.cache)
    file_limit = raise_file_limit()
    if file_limit < min(FILES_WANTED, 2 * asked.held + 1_000):
        print(f"Only {file_limit:,} files may be open: fewer streams than asked for will live.")
    present, absent = _present(_chosen(contenders(asked.cache), asked.contenders, _name))
    plan = Plan(
        figures=_chosen(FIGURES, asked.only, lambda figure: figure.name),
        contenders=present,
        rounds=asked.rounds,
        tries=asked.tries,
        scale=Scale(seconds=asked.seconds, held=asked.held, first=asked.first),
    )
    cores = choose_cores()
    samples = []
    for sample in run(plan, partial(set_up, cores=cores, tools=tools)):
        samples.append(sample)
        print(_told(sample), flush=True)
    summary = Summary(samples)
    made_on = facts(cores, file_limit)
    report = markdown(plan, summary, made_on, absent, "results.svg")
    (asked.output / "results.md").write_text(report)
    (asked.output / "results.svg").write_text(svg(plan.figures, plan.contenders, summary))
    raw = {"made on": made_on, "samples": [asdict(sample) for sample in samples]}
    (asked.output / "samples.json").write_text(json.dumps(raw, indent=1) + "\n")
    print(f"\n{report}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=sys.modules["bench"].__doc__
    )
    figures = ", ".join(figure.name for figure in FIGURES)
    names = ", ".join(contender.name for contender in contenders(_CACHE))
    parser.add_argument("--only", metavar="FIGURE,…", help=f"some of: {figures}")
    parser.add_argument("--contenders", metavar="NAME,…", help=f"some of: {names}")
    parser.add_argument("--rounds", type=int, default=3, help="how often each (default 3)")
    parser.add_argument(
        "--tries", type=int, default=3, help="how often a disturbed one is made (default 3)"
    )
    parser.add_argument("--seconds", type=float, default=10, help="of a window (default 10)")
    parser.add_argument("--held", type=int, default=5_000, help="streams held (default 5000)")
    parser.add_argument("--first", type=int, default=300, help="first events (default 300)")
    parser.add_argument("--output", type=Path, default=_ROOT / "results", help="a folder")
    parser.add_argument("--cache", type=Path, default=_CACHE, help="a folder for what is built")
    return parser


def _name(contender: Contender) -> str:
    return contender.name


def _chosen(
    known: Sequence[Named], wanted: str | None, name: Callable[[Named], str]
) -> list[Named]:
    """Those of `known` that are named in the comma-separated `wanted`; all where nothing is.

    :raises BenchError: a name is none of theirs.
    """
    if wanted is None:
        return list(known)
    names = {part.strip() for part in wanted.split(",")}
    if unknown := names - {name(each) for each in known}:
        raise BenchError(f"no such thing to measure: {', '.join(sorted(unknown))}. Try --help")
    return [each for each in known if name(each) in names or name(each) == "direct"]


def _present(wanted: Sequence[Contender]) -> tuple[list[Contender], dict[str, str]]:
    present, absent = [], {}
    for contender in wanted:
        reason = contender.absent()
        if reason is None:
            present.append(contender)
        else:
            absent[contender.title] = reason
            print(f"Without {contender.title}: {reason}")
    return present, absent


def _told(sample: Sample) -> str:
    begin = f"{sample.figure:10} round {sample.round + 1} {sample.contender:10}"
    if sample.measurement is None:
        return f"{begin} {sample.fault}"
    numbers = ", ".join(
        f"{key} {'-' if value is None else format(value, ',.1f')}"
        for key, value in sample.measurement.values.items()
    )
    seen = sample.measurement.observation
    shares = (
        f"proxy {seen.proxy_share:.0%}, load {seen.load_share:.0%}, "
        f"stolen {seen.disturbance.stolen:.1%}, foreign {seen.disturbance.foreign:.0%}"
    )
    return "\n".join([f"{begin} {numbers} [{shares}]", *sample.measurement.remarks])


sys.exit(main())
