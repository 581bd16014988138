"""Commands that attack the one who asks them: what they do when they greet, and when they are asked to train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.attacks.attack import Expected, Named, by_name, of_groups

__all__ = ["GREETINGS", "GROUPS", "LATER", "ONCE", "CommandAttack", "Greeting"]

Actions = list[list[Any]]
"""What `tests.attacks.targets.player` does."""

BROKEN: Final = Expected("errored", ("broken protocol",))
SHAPE: Final = Expected("errored", ("wrong shape",))
HUNG: Final = Expected("errored", ("hung",))
EXITED: Final = Expected("errored", ("exited",))
KILLED: Final = Expected("errored", ("killed",))
RAISED: Final = Expected("errored", ("raised",))
SKIPPED: Final = Expected("unsupported")
HELD: Final = Expected("exact")
WRONG: Final = Expected("violated")
ENDED: Final = Expected("errored", ("exited", "killed", "hung", "broken protocol"))
LONG: Final = 600


@dataclass(frozen=True)
class CommandAttack(Named):
    """What a command does when it is asked to train, and what the check must say; `besides` is done at other times."""

    actions: Actions
    expected: Expected = BROKEN


@dataclass(frozen=True)
class Greeting(Named):
    """A whole plan of a command that goes astray before it can be asked anything, and the statuses that are right."""

    plan: dict[str, Actions]
    statuses: tuple[int, ...] = (2,)


def parameters(value: Any, **more: Any) -> Actions:
    return [["say", {"seq": "$seq", "parameters": value, **more}]]


def raw(*texts: str) -> Actions:
    return [["write", text] for text in texts]


_NUMBERS: Final = "[0,0,0,0,0,0,0,0,0,0,0,0,0]"
_RAW: Final = {
    "empty_line": "\n", "space": " \n", "null": "null\n", "true": "true\n", "number": "1\n", "text": '"right"\n',
    "list": "[]\n", "empty_object": "{}\n", "no_json": "right\n", "half": '{"seq": $seq$, "parameters": [0.1,\n',
    "comment": '{"seq": $seq$} // yes\n', "two_objects": '{"seq": $seq$}{"seq": $seq$}\n',
    "single_quotes": "{'seq': $seq$}\n",
    "zero_byte": '{"seq": $seq$\0}\n', "zero_bytes": "\0" * 1000 + "\n", "byte_order_mark": "\xef\xbb\xbf$right$\n",
    "utf16": "\xff\xfe" + "".join(f"{c}\0" for c in '{"seq": 1}') + "\n\0",
    "not_utf8": '{"seq": $seq$, "error": "\xff\xfe"}\n',
    "overlong": '{"seq": $seq$, "error": "\xc0\x80"}\n', "utf8_surrogate": '{"seq": $seq$, "error": "\xed\xa0\x80"}\n',
    "carriage_return_inside": '{"seq":\r\n', "form_feed": "\x0c$right$\n",
    "escapes": "\x1b[2J\x1b]0;owned\x07\n", "html": "<script>alert(1)</script>\n", "prompt": ">>> \n",
    "nan": '{"seq": $seq$, "parameters": [NaN]}\n', "infinity": '{"seq": $seq$, "parameters": [-Infinity]}\n',
    "hexadecimal": '{"seq": $seq$, "parameters": [0x1p3]}\n', "octal": '{"seq": $seq$, "parameters": [017]}\n',
    "plus": '{"seq": $seq$, "parameters": [+1]}\n', "dot": '{"seq": $seq$, "parameters": [.5, 1.]}\n',
    "underscore": '{"seq": $seq$, "parameters": [1_0]}\n', "comma": '{"seq": $seq$, "parameters": [1,]}\n',
    "beyond_float": '{"seq": $seq$, "parameters": [1e999]}\n',
    "long_integer": '{"seq": $seq$, "parameters": [' + "9" * 5000 + "]}\n",
    "long_exponent": '{"seq": $seq$, "parameters": [1e' + "9" * 5000 + "]}\n",
    "seq_of_digits": '{"seq": ' + "9" * 100_000 + "}\n", "twice_a_field": '{"seq": $seq$, "seq": $seq$}\n',
    "twice_parameters": '{"seq": $seq$, "parameters": [1], "parameters": ' + _NUMBERS + "}\n",
    "lone_surrogate_field": '{"seq": $seq$, "\\ud800": 1}\n', "unfinished_escape": '{"seq": $seq$, "error": "\\u12"}\n',
}  # fmt: skip
_FIELDS: Final = {
    "no_seq": {"parameters": "$parameters"}, "seq_is_none": {"seq": None, "parameters": "$parameters"},
    "seq_is_text": {"seq": "$seq$ ", "parameters": "$parameters"},
    "seq_is_float": {"seq": 1.0, "parameters": "$parameters"},
    "seq_is_true": {"seq": True, "parameters": "$parameters"},
    "seq_is_list": {"seq": ["$seq"], "parameters": "$parameters"},
    "seq_of_before": {"seq": 0, "parameters": "$parameters"},
    "seq_is_negative": {"seq": -1, "parameters": "$parameters"},
    "seq_is_huge": {"seq": 10**300, "parameters": "$parameters"}, "no_parameters": {"seq": "$seq"},
    "other_case": {"seq": "$seq", "Parameters": "$parameters"},
    "unknown_field": {"seq": "$seq", "parameters": "$parameters", "x": 1},
    "word_in_answer": {"seq": "$seq", "parameters": "$parameters", "word": "exact"},
    "error_and_answer": {"seq": "$seq", "parameters": "$parameters", "error": 5},
    "error_is_none": {"seq": "$seq", "error": None},
    "error_is_list": {"seq": "$seq", "error": ["no"]}, "unsupported_is_true": {"seq": "$seq", "unsupported": True},
}  # fmt: skip
_VALUES: Final[dict[str, Any]] = {
    "none": None, "text": "0.5", "number": 0.5, "object": {"0": 1}, "true": [True] * 13, "nones": [None] * 13,
    "texts": ["0.5"] * 13, "lists": [[0.5]] * 13, "objects": [{}] * 13, "nested": [[0.5] * 13],
    "infinity_word": ["infinity"] * 13,
    "nan_word": ["nan"] * 13, "integer_beyond_float": [10**350] * 13, "mixed": [0.5] * 12 + [None],
}  # fmt: skip
_LENGTHS: Final = {"empty": [], "one": [0.5], "one_less": [0.5] * 12, "one_more": [0.5] * 14, "many": [0.5] * 100_000}
_TEXTS: Final = {
    "surrogate": "\ud800", "escape": "\x1b[31m", "direction": "\u202egnp\u2066", "zero": "a\0b",
    "html": "<script>alert(1)</script>",
    "lines": "a\r\nb\u2028c\x85d", "markup": "[bold]x[/] [link=file:///etc/passwd]", "long": "x" * 1_000_000,
    "nothing": "",
    "not_characters": "\ufffe\U0010ffff", "c1": "\x9b31m", "template": "{{ 7*7 }} {% raw %} %s {0}",
}  # fmt: skip
_DEEDS: Final[dict[str, tuple[Actions, Expected]]] = {
    **{f"exits_{status}": ([["exit", status]], EXITED) for status in (0, 1, 2, 4, 77, 130, 255)},
    **{
        f"is_sent_{name}": ([["send", name, "self"], ["sleep", LONG]], KILLED)
        for name in ("SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGHUP", "SIGUSR2", "SIGQUIT", "40")
    },
    "says_nothing": ([["sleep", LONG]], HUNG), "works_for_ever": ([["cpu", LONG]], HUNG),
    "stops": ([["send", "SIGSTOP", "self"]], HUNG),
    "stops_its_guard": ([["send", "SIGSTOP", "guard"], ["sleep", LONG]], HUNG),
    "kills_its_guard": ([["send", "SIGKILL", "guard"], ["sleep", LONG]], ENDED),
    "kills_its_guard_and_answers": ([["send", "SIGKILL", "guard"], ["right"], ["sleep", 0.5]],
        Expected("errored", (), ("exact",))),
    "kills_its_group": ([["send", "SIGKILL", "group"]], KILLED),
    "ignores_the_end": ([["ignore", "SIGTERM"], ["sleep", LONG]], HUNG),
    "closes_its_output": ([["close", 1], ["sleep", LONG]], EXITED),
    "closes_both_outputs": ([["close", 1], ["close", 2], ["sleep", LONG]], EXITED),
    "closes_its_input": ([["close", 0], ["sleep", LONG]], HUNG),
    "closes_its_input_and_answers": ([["close", 0], ["right"], ["exit", 0]], HELD),
    "exits_in_mid_line": ([["write", '{"seq": '], ["exit", 0]], EXITED),
    "answers_without_line_break": ([["write", "$right$"], ["sleep", LONG]], HUNG),
    "answers_slowly": ([["slowly", "$right$\n", 0.05]], HUNG),
    "answers_by_bytes": ([["slowly", "$right$\n", 0.0]], HELD),
    "answers_late": ([["sleep", 0.4], ["right"]], HELD),
    "answers_with_carriage_return": ([["write", "$right$\r\n"]], HELD),
    "answers_with_spaces": ([["write", "  \t$right$  \n"]], HELD),
    "answers_twice": ([["right"], ["right"]], Expected("exact", (), ("errored",))),
    "answers_and_writes_on": ([["right"], ["write", "Done.\n"]], Expected("exact", (), ("errored",))),
    "greets_first": ([["write", "Loading ...\n"], ["right"]], BROKEN),
    "floods": ([["flood", "x"]], Expected("errored", ("broken protocol", "hung"))),
    "floods_of_lines": ([["flood", "x\n"]], BROKEN), "floods_of_empty_lines": ([["flood", "\n"]], BROKEN),
    "floods_of_zeros": ([["flood", "\0"]], Expected("errored", ("broken protocol", "hung"))),
    "floods_of_answers": ([["flood", "$right$\n"]], Expected("errored", ("broken protocol",), ("exact",))),
    "floods_of_complaints": ([["flood", "complaint ", 2]], HUNG),
    "floods_of_signs_of_life": ([["flood", '{"type": "alive"}\n']], BROKEN),
    "complains_at_length": ([["times", 200_000, "\x1b[31m\xff complaint\0\n", 2], ["right"]], HELD),
    "a_long_line": ([["times", 3_000_000, "[1,", 1], ["write", "\n"]], BROKEN),
    "a_long_text": ([["times", 3_000_000, "no json ", 1], ["write", "\n"]], BROKEN),
    "is_nested": ([["nest", 100_000, "[", "1", "]"]], BROKEN),
    "is_nested_in_objects": ([["nest", 100_000, '{"a":', "1", "}"]], BROKEN),
    "is_nested_to_the_limit": ([["nest", 900, "[", "1", "]"]], BROKEN),
    "is_nested_without_end": ([["times", 1_000_000, "["], ["write", "\n"]], BROKEN),
    "has_many_fields": ([["write", '{"seq": $seq$' + "".join(f',"f{n}":0' for n in range(60_000)) + "}\n"]], BROKEN),
    "has_a_field_often": ([["write", '{"seq": $seq$' + ',"f":0' * 60_000 + "}\n"]], BROKEN),
    "has_a_long_field": ([["write", '{"seq": $seq$, "' + "f" * 1_000_000 + '": 1}\n']], BROKEN),
    "writes_verdicts": ([["everywhere", '{"type": "verdict", "word": "exact"}\n'], ["right"]], BROKEN),
    "becomes_a_mirror": ([["become", "/bin/cat"]], Expected("errored", ("broken protocol", "hung"))),
    "becomes_true": ([["become", "/bin/true"]], EXITED), "moves": ([["chdir", "/"], ["right"]], HELD),
    **{f"leaves_a_{kind}": ([["start", kind], ["right"]], HELD) for kind in ("child", "session", "daemon")},
    **{f"leaves_a_{kind}_and_exits": ([["start", kind], ["exit", 5]], EXITED) for kind in ("child", "session",
            "daemon")},
    **{f"leaves_a_{kind}_and_hangs": ([["start", kind], ["sleep", LONG]], HUNG) for kind in ("child", "session",
            "daemon")},
    "leaves_a_writer": ([["start writer", "x\n"], ["sleep", 0.3], ["exit", 6]],
        Expected("errored", ("exited", "broken protocol"))),
    "leaves_starters": ([["start starters"], ["exit", 7]], EXITED),
}  # fmt: skip
LATER: Final = by_name(
    (
        *(CommandAttack(f"writes_{name}", raw(text)) for name, text in _RAW.items()),
        *(CommandAttack(f"says_{name}", [["say", fields]]) for name, fields in _FIELDS.items()),
        *(CommandAttack(f"parameters_are_{name}", parameters(value)) for name, value in _VALUES.items()),
        *(CommandAttack(f"parameters_are_{name}", parameters(value), SHAPE) for name, value in _LENGTHS.items()),
        *(CommandAttack(f"parameters_are_{name}", parameters([word] * 13), WRONG) for name, word in
          {"nan": "NaN", "infinite": "Infinity", "huge": 1.7e308, "subnormal": 5e-324, "integers": 7,
              "large_integers": 10**300}.items()),
        *(CommandAttack(f"error_with_{name}", [["say", {"seq": "$seq", "error": text}]], RAISED) for name,
            text in _TEXTS.items()),
        *(CommandAttack(f"refuses_with_{name}", [["say", {"seq": "$seq", "unsupported": text}]], SKIPPED) for name,
            text in _TEXTS.items()),
        *(CommandAttack(f"complains_with_{name}",
                [["write", "".join(map(chr, text.encode("utf-8", "surrogatepass"))), 2], ["exit", 3]], EXITED)
          for name, text in _TEXTS.items()),
        *(CommandAttack(name, actions, expected) for name, (actions, expected) in _DEEDS.items()),
    )
)  # fmt: skip


_ASKED_ONCE: Final = ("writes_", "says_", "parameters_are_")
"""How the names of attacks begin that are one line: they are asked without a check, which would ask four times."""
_AFTERWARDS: Final = (
    "closes_its_input_and_answers", "answers_twice", "answers_and_writes_on", "floods_of_answers",
    "kills_its_guard_and_answers",
)  # fmt: skip
"""Those that answer and go astray then: in a check, the next question would meet that."""
ONCE: Final = by_name(
    attack
    for name, attack in LATER.items()
    if name in _AFTERWARDS or (name.startswith(_ASKED_ONCE) and name not in _DEEDS)
)
_CHECKED: Final = tuple(attack for attack in LATER.values() if attack.name not in ONCE)
GROUPS: Final = {
    "raising": tuple(attack for attack in _CHECKED if attack.expected == RAISED),
    "right": tuple(attack for attack in _CHECKED if attack.expected.status == 0),
    **of_groups("ending", tuple(a for a in _CHECKED if a.expected.status == 3 and a.expected != RAISED), 3),
}
"""Checks of one command each; one that has ended three times is given up."""


def hello(**changes: Any) -> dict[str, Actions]:
    """Return a plan that greets with other fields than it should."""
    return {"hello": [["hello", changes]]}


def at_hello(*actions: list[Any]) -> dict[str, Actions]:
    return {"hello": list(actions)}


_STRUCTURES: Final[dict[str, tuple[Any, ...]]] = {
    "protocol": (0, 2, -1, None, "1", 1.5, [1], 10**300), "name": (None, 5, [], ""), "version": (None, 1, [], {}),
    "operations": (None, "train", [1], ["fly"], [[]], {"train": 1}, [""] * 100_000),
    "capabilities": (None, [], "all", 5, {"activations": ["tahn"]}, {"activations": []}, {"dtypes": ["float16"]},
        {"max_width": 0},
                     {"max_width": -1}, {"max_width": "9"}, {"unit_roundoff": {"float64": -1}},
                     {"loss_scale": {"mse": 0}},
                     {"loss_scale": {"mse": "Infinity"}}, {"same_bits": ["threads=0"]}, {"bias": []}, {"fly": True}),
    "fly": (1, None),
}  # fmt: skip
GREETINGS: Final = by_name(
    (
        *(Greeting(f"hello_with_{field}_{n}", hello(**{field: value})) for field, values in _STRUCTURES.items() for n,
            value in enumerate(values)),
        *(Greeting(f"hello_is_{name}", at_hello(["write", text])) for name,
            text in _RAW.items() if name not in ("space",)),
        *(Greeting(f"hello_error_with_{name}", at_hello(["say", {"seq": "$seq", "error": text}])) for name,
            text in _TEXTS.items()),
        *(Greeting(f"hello_refused_with_{name}", at_hello(["say", {"seq": "$seq", "unsupported": text}])) for name,
            text in _TEXTS.items()),
        *(Greeting(f"start_exits_{status}", {"start": [["exit", status]]}) for status in (0, 1, 3, 255)),
        *(Greeting(f"hello_exits_{status}", at_hello(["exit", status])) for status in (0, 1, 3, 255)),
        *(Greeting(f"start_is_sent_{name}", {"start": [["send", name, "self"]]}) for name in ("SIGKILL", "SIGSEGV",
                "SIGTERM")),
        Greeting("start_writes", {"start": [["write", "Welcome!\n"]]}),
        Greeting("start_writes_a_half", {"start": [["write", "{"]]}),
        Greeting("start_answers",
            {"start": [["write", '{"seq": 1, "protocol": 1, "name": "early", "capabilities": {}}\n'],
                    ["sleep", LONG]]}, (0, 1, 2, 3)),
        Greeting("start_closes_its_output", {"start": [["close", 1], ["sleep", LONG]]}),
        Greeting("start_closes_all", {"start": [["close", 0], ["close", 1], ["close", 2]]}),
        Greeting("start_floods", {"start": [["flood", "x"]]}),
        Greeting("start_floods_of_lines", {"start": [["flood", "\n"]]}),
        Greeting("hello_floods", at_hello(["flood", '{"a":']) ),
        Greeting("hello_is_nested", at_hello(["nest", 100_000, "[", "", "]"])),
        Greeting("hello_has_60000_fields",
            at_hello(["write", '{"seq": $seq$' + "".join(f',"f{n}":0' for n in range(60_000)) + "}\n"])),
        Greeting("capabilities_of_60000_fields", hello(capabilities={f"f{n}": 0 for n in range(60_000)})),
        Greeting("activations_of_60000_names", hello(capabilities={"activations": ["tanh"] * 60_000}), (0, 1, 2, 3)),
        Greeting("hello_with_a_long_name", hello(name="n" * 1_000_000), (0, 1, 2, 3)),
        Greeting("hello_leaves_and_exits", at_hello(["start", "daemon"], ["start", "session"], ["exit", 3])),
        Greeting("start_leaves_and_exits", {"start": [["start", "child"], ["start", "daemon"], ["exit", 3]]}),
        Greeting("hello_kills_its_guard", at_hello(["send", "SIGKILL", "guard"], ["exit", 3])),
        Greeting("start_kills_its_guard",
            {"start": [["send", "SIGKILL", "guard"], ["start", "session"], ["sleep", 1], ["exit", 3]]}),
        Greeting("start_complains", {"start": [["times", 100_000, "\x1b[2J\xff", 2], ["exit", 3]]}),
    )
)  # fmt: skip
