"""Texts from outside that would like to be more than text."""

from __future__ import annotations

from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final = {
    # code
    "coding_cookie": "coding: utf-7", "coding_cookie_emacs": "-*- coding: rot13 -*-",
    "vim_cookie": "vim: set fileencoding=utf-7 :",
    "cookie_with_code": "coding: utf-7 +AAo-import os;os.system('true')",
    "line_break_and_code": "x\nimport os; os.abort()  #",
    "carriage_return_and_code": "x\rimport os; os.abort()  #",
    "line_separator_and_code": "x\u2028import os\x85import os\x0cimport os",
    "ends_a_string": "'); __import__('os').abort(); ('", "ends_a_long_string": '"""\nimport os\n"""',
    "ends_a_triple": "'''\nimport os\n'''",
    "backslash": "x\\", "backslashes": "\\\\\\'\\\"", "escape_in_text": "\\N{BULLET}\\x00\\u202e",
    "format": "{0.__class__} %s %(x)d {x!r:>{y}}",
    "f_string": "{__import__('os').abort()}", "null_bytes": "a\0b", "end_of_file": "\x1a",
    "shell": "$(touch owned) `touch owned` ; touch owned | x",
    "shell_quotes": "'; touch owned; '\"", "option": "--out=/", "path": "../../../../../etc/passwd",
    "url": "file:///etc/passwd",
    # pages
    "script": "<script>alert(1)</script>", "attribute": '" onmouseover="alert(1)',
    "single_attribute": "' onload='alert(1)",
    "end_of_style": "</style></title></pre></svg>--><!--", "entity": "&lt;&#60;&#x3c;&amp;lt;",
    "cdata": "]]><![CDATA[", "doctype": "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "instruction": "<?xml version='1.0'?><?php x ?>", "javascript": "<a href=javascript:alert(1)>x</a>",
    "image": "<img src=x onerror=alert(1)>",
    "base": "<base href='//x.invalid/'><meta http-equiv=refresh content=0>", "template": "{{ 7*7 }}{% raw %}{# x #}",
    "end_of_raw": "{% endraw %}{{ cycler }}",
    # Markdown
    "heading": "\n\n# owned\n\n", "fence": "```\n<b>x</b>\n~~~", "long_fence": "`" * 200,
    "link": "[x](javascript:alert(1)) ![x](//x.invalid/x.png)",
    "table": "|x|y|\n|---|---|\n", "reference": "[x]: //x.invalid/ 'x'\n", "setext": "\n===\n---\n",
    "html_in_markdown": "\n\n<details><summary>x\n\n",
    # terminals
    "clears": "\x1b[2J\x1b[H", "title": "\x1b]0;owned\x07",
    "link_of_terminal": "\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\", "c1": "\x9b31m\x90\x9d",
    "backspaces": "violated\b\b\b\b\b\b\b\bexact", "return": "violated\rexact   ", "bell": "\a" * 100,
    "rich_markup": "[bold red]x[/bold red]", "rich_link": "[link=file:///etc/passwd]x[/link]",
    "rich_broken": "[/] [/x] [[ ] [", "rich_emoji": ":warning: :smiley:", "delete": "\x7f" * 10,
    # directions and characters
    "right_to_left": "\u202egnp.exe", "isolates": "\u2066\u2067\u2068\u2069", "marks": "\u200e\u200f\u061c",
    "zero_width": "x\u200b\u200c\u200d\ufeffx", "tags": "\U000e0041\U000e007f",
    "lone_surrogate": "\ud800", "low_surrogate": "x\udfffx", "escaped_byte": "\udcff",
    "not_a_character": "\ufffe\uffff", "last_character": "\U0010ffff",
    "combining": "e" + "\u0301" * 500, "wide": "\uff21" * 100, "long_word": "x" * 3_000, "long": "word " * 2_000,
    "lines": "x\n" * 500, "spaces": " " * 1_000 + "x",
    "numbers_of_others": "\u0663\u0667", "spreadsheet": "=cmd|' /C calc'!A0",
}  # fmt: skip
