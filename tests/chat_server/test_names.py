# ruff: noqa: RUF001 - characters that look like others are what this is about
"""What can be a name, and which names look alike."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.confusables import PROTOTYPES
from chat_server.names import MARKS_MAX, NAME_BYTES_MAX, _objection, objection, skeleton
from chat_server.protocol import LOBBY, NAME_CHARS_MAX

GOOD = {
    "lobby": LOBBY,
    "one letter": "a",
    "capitals": "JohnDoe",
    "digits": "2001",
    "underscore first": "_mike_",
    "signs": "o'neil-2.0_x",
    "plus": "c++",
    "two full stops": "a..b",
    "Latin, accents": "ünïcødé",
    "Latin, Vietnamese": "Nguyễn",
    "Latin, Turkish": "İzmir",
    "Latin, German": "Straße",
    "Latin, Catalan": "col\u00b7lecció",
    "Cyrillic": "Оксана",
    "Cyrillic, a look-alike of Latin": "Вера",
    "Greek": "Σωκράτης",
    "Greek, capitals": "ΝΙΚΟΣ",
    "Armenian": "Արամ",
    "Georgian": "გიორგი",
    "Arabic": "عمر",
    "Arabic, digit last": "عمر7",
    "Persian digits": "رضا۷",
    "Hebrew": "דוד",
    "Hebrew, points": "שָׁלוֹם",
    "Devanagari": "नमस्ते",
    "Bengali": "সুমন",
    "Tamil": "தமிழ்",
    "Thai": "สมชาย",
    "Tibetan": "བསྒྲུབས",
    "Khmer": "សុខា",
    "Ethiopic": "አበበ",
    "Cherokee": "ᏣᎳᎩ",
    "Han": "王小明",
    "Han and kana": "山田たろう",
    "katakana, long sound": "サーバー",
    "katakana, middle dot": "アン・リー",
    "kana and Latin": "たろうtaro",
    "Hangul": "김철수",
    "Hangul and Latin": "kim철수",
    "Bopomofo and Han": "ㄅ山",
    "longest": "a" * NAME_CHARS_MAX,
    "longest of two bytes each": "я" * NAME_CHARS_MAX,
    "longest of clusters": "कि" * NAME_CHARS_MAX,
    "most marks": "q" + "\u0330\u0331\u0323\u032d",
}

BAD = {
    "empty": ("", "The name is empty."),
    # Length.
    "too long": ("a" * (NAME_CHARS_MAX + 1), "The name is longer than 32 characters or 255 bytes."),
    "too many clusters": ("कि" * (NAME_CHARS_MAX + 1), "is longer than"),
    "too many bytes in few clusters": ("क्" * 42 + "कक", "is longer than"),
    "far too long": ("a" * (NAME_BYTES_MAX + 1), "is longer than"),
    # What PRECIS refuses.
    "space": ("John Doe", "holds a space: U+0020."),
    "no-break space": ("John\u00a0Doe", "holds a variant form of a character: U+00A0."),
    "line": ("John\nDoe", "holds a control character: U+000A."),
    "escape": ("\x1b[2J", "holds a control character: U+001B."),
    "C1 control": ("a\x9b", "U+009B"),
    "delete": ("a\x7f", "U+007F"),
    "line separator": ("a\u2028", "U+2028"),
    "paragraph separator": ("a\u2029", "U+2029"),
    "right-to-left override": ("\u202eeoD", "holds a character that cannot be seen: U+202E."),
    "isolate": ("a\u2066", "U+2066"),
    "left-to-right mark": ("a\u200e", "U+200E"),
    "zero-width space": ("John\u200bDoe", "holds a character that cannot be seen: U+200B."),
    "zero-width joiner": ("John\u200dDoe", "holds a character that cannot be seen: U+200D."),
    "zero-width non-joiner": ("John\u200cDoe", "holds a character that cannot be seen: U+200C."),
    "zero-width joiner where PRECIS allows it": ("क्\u200dष", "holds a character that cannot be seen: U+200D."),
    "byte order mark": ("\ufeffJohn", "U+FEFF"),
    "soft hyphen": ("Jo\u00adhn", "U+00AD"),
    "tag": ("a\U000e0041", "U+E0041"),
    "surrogate": ("a\ud800", "holds a character unfit for it: U+D800."),
    "unassigned": ("a\u0378", "holds a character that Unicode does not know yet: U+0378."),
    "noncharacter": ("a\uffff", "U+FFFF"),
    "private use": ("\ue000", "U+E000"),
    "Hangul filler": ("John\u3164", "U+3164"),
    "jamo": ("\u1112\u1161\u11ab", "The name is in a variant form, not in plain composed characters"),
    "variation selector": ("John\ufe0f", "U+FE0F"),
    "variation selector of another plane": ("John\U000e0100", "U+E0100"),
    "grapheme joiner": ("Jo\u034fhn", "U+034F"),
    "braille blank": ("\u2800", "holds a symbol: U+2800."),
    "emoji": ("🦊", "holds a symbol: U+1F98A."),
    "dash": ("a\u2014b", "holds a punctuation mark: U+2014."),
    "kashida": ("\u0639\u0640\u0645", "holds a character unfit for it: U+0640."),
    "middle dot out of place": ("a\u00b7b", "U+00B7"),
    "digit before right-to-left": ("1א", "can be read in two orders"),
    "two directions": ("אa", "can be read in two orders"),
    # What PRECIS would change.
    "decomposed": ("Zoe\u0308", "not in plain composed characters (Unicode NFC): write Zoë."),
    "full width": ("Ｊohn", "write John."),
    "half width": ("ｶﾞ", "write ガ."),
    "ligature": ("ﬁn", "write fin."),
    "long s": ("ſam", "write sam."),
    "full width path": ("a／b", "The name holds /: besides"),
    "fraction": ("½", "holds a variant form of a character: U+00BD."),
    # Paths, commands, mentions.
    "path": ("a/../../etc", "The name holds /: besides letters and digits it can hold ' + - . and _ only."),
    "backslash": ("a\\b", "The name holds \\: besides"),
    "this folder": (".", "The name begins with .: it must begin with a letter, a digit or _."),
    "folder above": ("..", "The name begins with .:"),
    "hidden": (".profile", "The name begins with .:"),
    "mention": ("@ann", "The name begins with @:"),
    "room": ("#tea", "The name begins with #:"),
    "command": ("/join", "The name begins with /:"),
    "option": ("-x", "The name begins with -:"),
    "full stop last": ("ann.", "The name ends with a full stop."),
    **{f"holds {sign}": (f"a{sign}b", f"The name holds {sign}:") for sign in '!"#$%&()*,/:;<=>?@[\\]^`{|}~'},
    # Marks.
    "combining mark first": ("\u0301a", "The name begins with U+0301: it must begin with"),
    "vowel sign first": ("\u093ea", "The name begins with U+093E: it must begin with"),
    "enclosing mark": ("a\u20dd", "U+20DD"),
    "stacked accents": ("a" + "\u0300\u0301" * 15, f"stacks marks on a letter: it can have {MARKS_MAX} at most"),
    "one mark too many": ("q\u0330\u0331\u0323\u032d\u0324", "stacks marks on a letter"),
    "one mark twice": ("x\u0301\u0301", "stacks marks on a letter"),
    # Scripts.
    "Cyrillic in Latin": ("\u0430dmin", "The name mixes scripts: Cyrillic and Latin."),
    "Greek in Latin": ("a\u03b2-\u03b2", "The name mixes scripts: Latin and Greek."),
    "Greek in Han": ("山\u03b2", "The name mixes scripts: Han and Greek."),
    "kana and Bopomofo": ("ばㄅ", "The name mixes scripts: Hiragana and Bopomofo."),
    "kana and Hangul": ("バ김", "The name mixes scripts: Katakana and Hangul."),
    "Canadian": ("ᑲa", "The name mixes scripts: Canadian Aboriginal and Latin."),
    "Gothic": ("𐌰", "holds a character of a script that is out of use: U+10330."),
    "Greek capitals like Latin ones": ("ΝΟΝΟ", "looks like NONO in Latin letters: write it in lower case."),
}

ALIKE = {
    "case": ("johndoe", "JohnDoe"),
    "case, sharp s": ("Straße", "STRASSE"),
    "case, Greek": ("Νίκος", "ΝΊΚΟΣ"),
    "case, Cyrillic": ("оксана", "ОКСАНА"),
    "case, dotted I": ("İzmir", "izmir"),
    "case, dotless i": ("Irmak", "ırmak"),
    "width": ("Ｊｏｈｎ", "john"),
    "composition": ("Zoë", "Zoe\u0308"),
    "compatibility": ("ﬁn", "fin"),
    "Cyrillic": ("john", "\u0458\u043ehn"),
    "Cyrillic capital": ("John", "\u0408\u043ehn"),
    "Cyrillic, whole": ("Bepa", "Вера"),
    "Cyrillic capitals, whole": ("BEPA", "ВЕРА"),
    "Greek": ("tooth", "t\u03bf\u03bfth"),
    "Greek capitals, whole": ("AKTI", "ΑΚΤΙ"),
    "Greek, whole": ("vovo", "νονο"),
    "Greek capital whose small letter is ß's": ("BOB", "ΒΟΒ"),
    "Armenian": ("oops", "\u0585\u0585ps"),
    "Cherokee": ("DAVE", "ᎠAVE"),
    "Hebrew": ("lo", "ןo"),
    "Han and katakana": ("工", "エ"),
    "l and I": ("lan", "Ian"),
    "l and 1": ("lan", "1an"),
    "l and i": ("lan", "ian"),
    "0 and O": ("b0b", "BOB"),
    "rn and m": ("tom", "torn"),
    "rn and M": ("TOM", "torn"),
}

UNLIKE = [
    ("ann", "bob"),
    ("nono", "vovo"),
    ("hat", "nat"),
    ("yes", "ues"),
    ("Zoe", "Zoë"),
    ("john_doe", "johndoe"),
    ("山", "川"),
]

TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aIl1m0Οοё'+-._/@#\u0301\u0307\u0323\u0345\u200d\u202eｶﾞ½ſßŉǆאع1۷कि्山エ김ㄅ\ud800"),
    ),
    max_size=NAME_CHARS_MAX + 8,
)
LETTERS = st.text(st.characters(categories=("L", "M", "Nd")), min_size=1, max_size=8)


@pytest.mark.parametrize("name", GOOD.values(), ids=GOOD)
def test_letters_and_digits_of_one_writing_are_fine(name: str) -> None:
    assert objection(name) is None


@pytest.mark.parametrize(("name", "reason"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_name_is_said(name: str, reason: str) -> None:
    objected = objection(name)
    assert objected is not None
    assert reason in objected
    assert objected.isprintable()
    assert objected.startswith("The name ")
    assert objected.endswith(".")


def test_the_sentence_says_what_is_named() -> None:
    for name, _ in BAD.values():
        assert (objection(name, what="room's name") or "").startswith("The room's name ")


def test_what_is_offered_instead_can_be_used() -> None:
    offers = [
        said.split("write ")[1][:-1]
        for name, _ in BAD.values()
        if "(Unicode NFC)" in (said := objection(name) or "")
    ]
    assert len(offers) > 3
    for offer in offers:
        assert objection(offer) is None


@given(TEXT | LETTERS)
@example("ΐ")
def test_any_text_is_judged_and_what_passes_is_bounded_and_visible(name: str) -> None:
    objected = objection(name)
    if objected is None:
        assert 1 <= len(name.encode()) <= NAME_BYTES_MAX
        assert {unicodedata.category(char) for char in name}.isdisjoint(
            {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
        )
        assert unicodedata.normalize("NFC", name) == name
        assert name.split() == [name]
    else:
        assert objected.isprintable()


@pytest.mark.parametrize(("left", "right"), ALIKE.values(), ids=ALIKE)
def test_names_that_look_alike_have_one_key(left: str, right: str) -> None:
    assert skeleton(left) == skeleton(right)


@pytest.mark.parametrize(("left", "right"), UNLIKE)
def test_names_that_differ_to_the_eye_have_two(left: str, right: str) -> None:
    assert skeleton(left) != skeleton(right)


@given(TEXT | LETTERS)
@example("l\u0307\u0323\u0307")
@example("\u0390\u0345")
def test_a_key_is_its_own_key(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)


@given(LETTERS)
def test_case_and_composition_never_part_names(name: str) -> None:
    assert skeleton(name.casefold()) == skeleton(name)
    assert skeleton(unicodedata.normalize("NFD", name)) == skeleton(name)


def test_a_letter_that_looks_like_ascii_has_its_key_or_is_refused() -> None:
    apart = {
        letter for letter, look in PROTOTYPES.items() if look.isascii() and skeleton(letter) != skeleton(look)
    }
    assert apart == {"Ƽ", "Ν", "Υ"}
    for letter in apart:
        assert "in Latin letters: write it in lower case." in (objection(letter) or "")


def test_the_key_of_each_letter_in_the_table_is_its_own() -> None:
    for letter in PROTOTYPES:
        assert skeleton(skeleton(letter)) == skeleton(letter)


@given(
    st.text(st.sampled_from([each for each, look in PROTOTYPES.items() if look.isascii()]), min_size=1, max_size=8)
)
@example("ΥΑΝΝ")
def test_what_is_drawn_like_ascii_throughout_has_its_key_or_is_refused(name: str) -> None:
    drawn = "".join(PROTOTYPES[char] for char in name)
    assert skeleton(name) == skeleton(drawn) or objection(name) is not None


def test_the_longest_texts_are_judged_without_being_remembered() -> None:
    before = _objection.cache_info().currsize
    assert "is longer than" in (objection("\u0301" * 1_000_000) or "")
    assert _objection.cache_info().currsize == before
