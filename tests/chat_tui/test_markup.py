"""What is a mark and what is text; that nothing is lost; and that hostile text is read in time that is short."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.inline import Run
from chat_tui.text.markup import Address, Passage, Shape, addresses, read

CHARS_MAX = 8_000
SECONDS_MAX = 2.0
"""Reading takes some milliseconds; what grows with the square takes minutes."""


def told(text: str) -> list[tuple[str, str]]:
    """Each run's text and its parts, of a text that is one passage."""
    (passage,) = read(text)
    return [(passage.text[run.start : run.end], " ".join(run.parts)) for run in passage.runs]


def shown(text: str) -> str:
    return "\n".join(passage.text for passage in read(text))


@pytest.mark.parametrize(
    ("text", "flat", "runs"),
    [
        ("plain", "plain", []),
        ("**bold** rest", "bold rest", [("bold", "strong")]),
        ("*it* and _it_", "it and it", [("it", "emphasis")] * 2),
        ("~~no~~ ~yes~", "no ~yes~", [("no", "struck")]),
        ("***both***", "both", [("both", "strong emphasis")]),
        ("**a *b* c**", "a b c", [("a ", "strong"), ("b", "strong emphasis"), (" c", "strong")]),
        ("*a **b***", "a b", [("a ", "emphasis"), ("b", "emphasis strong")]),
        ("**a *b**", "a *b", [("a ", "strong"), ("*", "strong"), ("b", "strong")]),
        ("**a *b *c*", "**a *b c", [("c", "emphasis")]),
        ("*a**", "*a**", []),
        ("**a*", "**a*", []),
        ("*a***", "a**", [("a", "emphasis")]),
        ("(*a*),", "(a),", [("a", "emphasis")]),
        ("snake_case_name __init__ 2*3*4 a ** b", "snake_case_name __init__ 2*3*4 a ** b", []),
        ("f(*args, **kwargs)", "f(*args, **kwargs)", []),
        ("_private_thing", "_private_thing", []),
        ("****", "****", []),
        ("****a****", "****a****", []),
        ("**a\nb**", "**a\nb**", []),
        ("* a\n* *b*", "* a\n* b", [("b", "emphasis")]),
        ("- a\n1. b", "- a\n1. b", []),
        ("这是**粗体**文字", "这是粗体文字", [("粗体", "strong")]),
        ("`a*b*` c", "a*b* c", [("a*b*", "code")]),
        ("`` a`b ``", "a`b", [("a`b", "code")]),
        ("`  `", "  ", [("  ", "code")]),
        ("` a`", " a", [(" a", "code")]),
        ("`open", "`open", []),
        ("`a` ``b", "a ``b", [("a", "code")]),
        ("# Head *x*", "# Head x", [("# Head ", "strong"), ("x", "strong emphasis")]),
        ("#general # \n#", "#general # \n#", []),
        ("at https://x.org/a_b.", "at https://x.org/a_b.", [("https://x.org/a_b", "link")]),
        ("**https://x.org/**", "https://x.org/", [("https://x.org/", "strong link")]),
        ("mailto:a@x.org, a@x.org", "mailto:a@x.org, a@x.org", [("mailto:a@x.org", "link")]),
        ("xhttps://x.org https://./**a**", "xhttps://x.org https://./**a**", []),
        ("[log](https://x.org/1)", "log (x.org)", [("log", "link"), (" (x.org)", "host")]),
        ("[b](https://\u0431.com)", "b (xn--90a.com)", [("b", "link"), (" (xn--90a.com)", "host")]),
        ("[https://x.org](https://x.org)", "https://x.org", [("https://x.org", "link")]),
        (
            "[google.com](https://evil.example/x)",
            "google.com (https://evil.example/x)",
            [("google.com", "link"), (" (https://evil.example/x)", "host")],
        ),
        ("[a](javascript:x) [b](https://.) [c]", "[a](javascript:x) [b](https://.) [c]", []),
        ("@Ann's @bob,", "@Ann's @bob,", [("@Ann", "person"), ("@bob", "person")]),
        ("a@b @. @_. (@c.d)", "a@b @. @_. (@c.d)", [("@c.d", "person")]),
        ("<b>x</b> ![i](x) \\*a\\* &amp;", "<b>x</b> ![i](x) \\*a\\* &amp;", []),
    ],
)  # fmt: skip
def test_line(text: str, flat: str, runs: list[tuple[str, str]]) -> None:
    assert shown(text) == flat
    assert told(text) == runs


def test_targets() -> None:
    (passage,) = read("[é](https://x.org/é) @Ann `x`")
    assert [run.target for run in passage.runs] == ["https://x.org/%C3%A9", "", "Ann", ""]


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("> a\n>\n> b\nc", [("QUOTE", "a\n\nb", ""), ("TEXT", "c", "")]),
        ("c\n> > a", [("TEXT", "c", ""), ("QUOTE", "> a", "")]),
        (">_< >.<\n>>a", [("TEXT", ">_< >.<\n>>a", "")]),
        ("```\n*x*\n\n```", [("CODE", "*x*\n", "")]),
        ("```\n```", [("CODE", "", "")]),
        ("a\n```c++\n> x\n```\nb", [("TEXT", "a", ""), ("CODE", "> x", "c++"), ("TEXT", "b", "")]),
        ("````\n```\n````", [("CODE", "```", "")]),
        ("```py\nopen", [("TEXT", "```py\nopen", "")]),
        ("```\na\n```\n```\nb\n```", [("CODE", "a", ""), ("CODE", "b", "")]),
        ("```one line```", [("TEXT", "one line", "")]),
        ("```\na\n```py", [("TEXT", "```\na\n```py", "")]),
        ("", [("TEXT", "", "")]),
    ],
)
def test_passages(text: str, passages: list[tuple[str, str, str]]) -> None:
    assert [(each.shape.name, each.text, each.language) for each in read(text)] == passages


def test_runs_count_from_their_passage() -> None:
    passages = read("a\nb *c*\n> *d*")
    assert [passage.runs for passage in passages] == [(Run(4, 5, ("emphasis",)),), (Run(0, 1, ("emphasis",)),)]


def test_addresses() -> None:
    text = "https://x.org [two](http://y.org/\u00e9) **https://x.org** `http://no.org`\n> mailto:a@x.org\n[x](file:///)"
    found = addresses(text)
    assert found == (
        Address("https://x.org", "https://x.org"),
        Address("http://y.org/%C3%A9", "two"),
        Address("mailto:a@x.org", "mailto:a@x.org"),
    )
    assert [each.is_plain for each in found] == [True, False, True]
    assert not Address("http://y.org/%C3%A9", "http://y.org/\u00e9").is_plain
    assert addresses("plain @ann") == ()


SIGNS = st.text(st.sampled_from("*_~`>#[]()@ab \n.:/-é字")) | st.lists(
    st.sampled_from(["https://x.org", "```\n", "> ", "**", "[a](https://x.org)", "@ann", "a", " ", "\n"])
).map("".join)


@given(SIGNS)
def test_only_marks_are_lost_and_runs_ascend(text: str) -> None:
    for passage in read(text):
        assert_in_order(passage)
        assert passage.shape is not Shape.TEXT or passage.text or not passage.runs
    unmarked = str.maketrans("", "", "*_~`>[]() \n")
    without_hosts = "".join(_without_hosts(passage) for passage in read(text))
    lost = [each for each in text.translate(unmarked) if each not in without_hosts.translate(unmarked)]
    assert set(lost) <= set("https:/x.org")


def assert_in_order(passage: Passage) -> None:
    end = 0
    for run in passage.runs:
        assert end <= run.start < run.end <= len(passage.text)
        assert run.parts
        end = run.end


def _without_hosts(passage: Passage) -> str:
    hosts = [passage.text[run.start : run.end] for run in passage.runs if "host" in run.parts]
    text = passage.text
    for host in hosts:
        text = text.replace(host, "", 1)
    return text


@pytest.mark.parametrize(
    "unit",
    [
        *("*", "[", "_", "`", "~", "@", "a*", "*a ", "**a *b ", "[a](", "[a](http://x", "[a](http://(a)", "`a``b"),
        *("http://", "http://.", "http://a)", "http://a/(", "> ", "```a\n", "```\n", "````\n```\n", "*a* **b"),
        *("***a", "***a** b*", "_a *b ~~c ", "](", "mailto:a@", "@a'", "http://é", "[[", "a\n", "# "),
    ],
)
def test_hostile_text_is_read_in_time_that_grows_with_it(unit: str) -> None:
    text = (unit * CHARS_MAX)[:CHARS_MAX]
    started = process_time()
    read(text)
    assert process_time() - started < SECONDS_MAX
