"""What is a message, what is a command, and what is said of what is neither."""

import pytest

from chat_server.protocol import CONTENT_CHARS_MAX, NAME_CHARS_MAX, TITLE_CHARS_MAX
from chat_tui.text.commands import HELP, SENTENCES, Command, Help, Mistake, Text, Verb, parse
from chat_tui.text.safetext import safe_line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hi", Text("hi")),
        ("", Text("")),
        (" /kick ann", Text(" /kick ann")),
        ("and/or", Text("and/or")),
        ("//kick ann", Text("/kick ann")),
        ("//", Text("/")),
        ("///", Text("//")),
        ("//etc/hosts\nhas it", Text("/etc/hosts\nhas it")),
        ("/kick ann", Command(Verb.KICK, "ann")),
        ("/ban  ann ", Command(Verb.BAN, "ann")),
        ("/unban ann\n", Command(Verb.UNBAN, "ann")),
        ("/mute /kick", Command(Verb.MUTE, "/kick")),
        ("/unmute Zoë", Command(Verb.UNMUTE, "Zoë")),
        ("/help", Help()),
        ("/help ban", Help()),
        ("//help", Text("/help")),
        ("/join tea", Command(Verb.JOIN, "tea")),
        ("/join #tea", Command(Verb.JOIN, "tea")),
        ("/join tea  Green\n and black ", Command(Verb.JOIN, "tea", "Green and black")),
        ("/msg ann", Command(Verb.MSG, "ann")),
        ("/msg  @ann  see\n  this ", Command(Verb.MSG, "ann", "see\n  this")),
        ("/msg ann " + "x" * CONTENT_CHARS_MAX, Command(Verb.MSG, "ann", "x" * CONTENT_CHARS_MAX)),
        ("/topic Tea,  green\nand black", Command(Verb.TOPIC, "", "Tea, green and black")),
        ("/topic " + "x" * TITLE_CHARS_MAX, Command(Verb.TOPIC, "", "x" * TITLE_CHARS_MAX)),
        ("/pass ann", Command(Verb.PASS, "ann")),
        ("/bans", Command(Verb.BANS, "")),
        ("/leave", Command(Verb.LEAVE, "")),
        ("/rooms ", Command(Verb.ROOMS, "")),
        ("/members", Command(Verb.MEMBERS, "")),
        ("/date 2026-11-24", Command(Verb.DATE, "2026-11-24")),
        ("/date  3 days ago ", Command(Verb.DATE, "3 days ago")),
        ("/search deploy from:ann has:link", Command(Verb.SEARCH, "deploy from:ann has:link")),
        ("/join #ops required", Command(Verb.JOIN, "ops", choice="required")),
        ("/join #ops required Big  ops", Command(Verb.JOIN, "ops", "Big ops", "required")),
        ("/join required", Command(Verb.JOIN, "required")),
        ("/receipts", Command(Verb.RECEIPTS, "")),
        *(
            (f"/receipts {each}", Command(Verb.RECEIPTS, "", choice=each))
            for each in ("public", "private", "off", "default")
        ),
        ("/ban " + "x" * NAME_CHARS_MAX, Command(Verb.BAN, "x" * NAME_CHARS_MAX)),
    ],
)
def test_what_is_meant(written: str, meant: Text | Command | Help) -> None:
    assert parse(written) == meant


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        (
            "/",
            "There is no command /; /help shows all there are. To send it as a message, ",
        ),
        ("/nothing", "There is no command /nothing; "),
        ("/ kick ann", "There is no command /; "),
        ("/Kick ann", "There is no command /Kick; did you mean /kick? To send it as a message, begin with two "),
        ("/umute ann", "There is no command /umute; did you mean /unmute?"),
        ("/hepl", "There is no command /hepl; did you mean /help?"),
        ("/helper", "There is no command /helper; did you mean /help?"),
        ("/etc/hosts", "There is no command /etc/hosts; "),
        ("/" + "x" * 99, f"There is no command /{'x' * 31}…; "),
        ("/kick", "Write one name after it: /kick NAME. To send it as a message, begin with two slashes."),
        ("/unmute ann bob", "Write one name after it: /unmute NAME."),
        ("/date ", "Write something after it: /date WHEN. To send it as a message, begin with two slashes."),
        ("/join", "Write something after it: /join ROOM [required] [TITLE]."),
        ("/receipts none", "Write public, private, off or default after it, or nothing. To send"),
        ("/receipts off off", "Write public, private, off or default after it, or nothing. To send"),
        ("/topic", "Write something after it: /topic TITLE."),
        ("/msg", "Write something after it: /msg NAME [TEXT]."),
        ("/bans ann", "Write nothing after it: /bans."),
        ("/msg ann " + "x" * (CONTENT_CHARS_MAX + 1), "At most 8,000 characters can be sent at a time."),
        ("/topic " + "x" * (TITLE_CHARS_MAX + 1), "A title has at most 200 characters."),
        ("/join tea " + "x" * (TITLE_CHARS_MAX + 1), "A title has at most 200 characters."),
        ("/leave now", "Write nothing after it: /leave. To send"),
        ("/join " + "x" * (NAME_CHARS_MAX + 1), "No room has a name of more than 32 characters."),
        ("/ban " + "x" * (NAME_CHARS_MAX + 1), "Nobody has a name of more than 32 characters."),
    ],
)
def test_what_is_a_mistake(written: str, begins: str) -> None:
    mistake = parse(written)
    assert isinstance(mistake, Mistake)
    assert mistake.sentence.startswith(begins)
    assert len(mistake.sentence) < 220
    assert safe_line(mistake.sentence) == mistake.sentence


def test_every_command_has_its_sentence() -> None:
    assert set(HELP) == set(Verb)
    assert set(SENTENCES) == {"help", *(verb.value for verb in Verb)}
    assert all(each[0].isupper() and each.endswith(".") for each in SENTENCES.values())
