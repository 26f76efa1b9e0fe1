"""Emoji by name, as `:smile:` is written elsewhere. Pure.

Two sources, none of which is a dependency: the names that the Unicode Standard gives, as Python knows them, and
the short ones that people know from other chats, which have not changed in years. (Packages with such tables are
large and mostly about sequences, which are none of ours; rich's table is private.)

Only what every terminal draws two cells wide is here: one code point, wide by UAX #11 and coloured by default,
from Unicode 12 (2019) or before. So there are no flags, keycaps, skin tones, and no red heart, which is narrow.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_BLOCKS: Final = (
    range(0x231A, 0x27C0),
    range(0x2B50, 0x2B51),
    range(0x1F300, 0x1F3FB),
    range(0x1F400, 0x1F650),
    range(0x1F680, 0x1F700),
    range(0x1F7E0, 0x1F7EC),
    range(0x1F900, 0x1FA00),
)
"""Where such emoji are; what lies between are skin tones, flags, and signs that are not coloured by default."""
_TOO_YOUNG: Final = re.compile(
    "[\U0001f6d6-\U0001f6df\U0001f6fb-\U0001f6ff\U0001f90c\U0001f972\U0001f977-\U0001f979"
    "\U0001f9a3\U0001f9a4\U0001f9ab-\U0001f9ad\U0001f9cb\U0001f9cc]"
)
"""Unicode 13 and later, which some terminals still draw one cell wide."""

_SHORT: Final = """
😀 grinning; 😁 grin; 😂 joy; 😃 smiley; 😄 smile; 😅 sweat_smile; 😆 laughing satisfied; 😇 innocent;
😈 smiling_imp; 😉 wink; 😊 blush; 😋 yum; 😌 relieved; 😍 heart_eyes; 😎 sunglasses cool_face; 😏 smirk;
😐 neutral; 😑 expressionless; 😒 unamused; 😓 sweat; 😔 pensive; 😕 confused; 😖 confounded; 😗 kissing;
😘 kissing_heart; 😜 stuck_out_tongue_wink; 😛 stuck_out_tongue; 😞 disappointed; 😟 worried; 😠 angry; 😡 rage;
😢 cry; 😣 persevere; 😤 triumph; 😥 sad; 😦 frowning; 😧 anguished; 😨 fearful; 😩 weary; 😪 sleepy; 😫 tired;
😬 grimacing; 😭 sob; 😮 open_mouth; 😯 hushed; 😰 cold_sweat; 😱 scream; 😲 astonished; 😳 flushed;
😴 sleeping; 😵 dizzy_face; 😶 no_mouth; 😷 mask; 🙁 sad_face; 🙂 slight_smile; 🙃 upside_down; 🙄 eye_roll;
🤔 thinking; 🤐 zipper_mouth; 🤒 ill; 🤗 hug hugging; 🤓 nerd; 🤣 rofl; 🤤 drooling; 🤥 lying; 🤦 facepalm;
🤧 sneezing; 🤨 raised_eyebrow; 🤩 star_struck; 🤪 zany; 🤫 shush; 🤭 giggle; 🤮 vomiting;
🤯 exploding_head mind_blown; 🥰 in_love; 🥱 yawning; 🥳 partying; 🥴 woozy; 🥵 hot; 🥶 cold; 🥺 pleading;
🤷 shrug; 🤝 handshake; 🤞 fingers_crossed; 🤟 love_you; 🤘 metal; 🤙 call_me; 👍 +1 thumbsup thumbs_up;
👎 -1 thumbsdown thumbs_down; 👏 clap; 👋 wave; 👌 ok_hand; 👊 punch; ✊ fist; ✋ hand; 👐 open_hands;
🙏 pray thanks; 💪 muscle; 🙌 raised_hands; 🙅 no_good; 🙆 ok_woman; 🙇 bow; 🙈 see_no_evil; 🙉 hear_no_evil;
🙊 speak_no_evil; 🙋 raising_hand; 👆 point_up; 👇 point_down; 👈 point_left; 👉 point_right; 🖖 vulcan_salute;
👽 alien; 🤖 robot; 💩 poop; 👻 ghost; 💀 skull; 🎃 jack_o_lantern; 😺 smiley_cat; 😹 joy_cat;
😻 heart_eyes_cat; 🙀 scream_cat; 💓 heartbeat; 💗 heartpulse; 💘 cupid; 💝 gift_heart; 💯 100; 💢 anger;
💤 zzz; 💥 boom; 💦 sweat_drops; 💨 dash; 💫 dizzy; 💬 speech; 💭 thought; 💡 bulb; 💎 gem; 💰 moneybag;
💵 dollar; 💶 euro; 💷 pound; 💴 yen; 🎉 tada party; 🎂 birthday; 🎁 gift; 🎓 mortar_board; 🎧 headphones;
🎨 art; 🎬 clapper; 🎯 dart; 🎶 notes; 🎾 tennis; 🏀 basketball; ⚽ soccer; 🏈 football; 🏁 checkered_flag;
🏃 running; 🚶 walking; 🚲 bike; 🚗 car; 🚂 locomotive; 🚨 rotating_light; 🚫 prohibited; 🚧 construction;
🏠 house; 🌊 ocean; 🌍 earth_africa; 🌎 earth_americas; 🌏 earth_asia; 🌙 moon; 🌟 star2; 🌽 corn; 🍃 leaves;
🍆 eggplant; 🍎 apple; 🍕 pizza; 🍚 rice; 🍜 ramen; 🍟 fries; 🍰 cake; 🍳 egg; 🍵 tea; ☕ coffee; 🍸 cocktail;
🍺 beer; 🍻 beers cheers; 🥂 toast; 🐝 bee; 🐛 bug; 🐭 mouse; 🐮 cow; 🐯 tiger; 🐰 rabbit; 🐱 cat; 🐶 dog;
🐷 pig; 🐸 frog; 🐹 hamster; 🐺 wolf; 🐻 bear; 🐼 panda; 🐴 horse; 🐳 whale; 🐧 penguin; 🐾 feet; 🦒 giraffe;
📅 date; 📆 calendar; 📖 book; 📝 pencil memo; 📢 loudspeaker; 📣 mega; 📧 email; 📫 mailbox; 📱 phone;
💻 computer laptop; 📺 tv; 📌 pin; 📎 paperclip; 📈 chart_up; 📉 chart_down; 🔇 mute; 🔊 loud_sound; 🔔 bell;
🔕 no_bell; 🔍 mag search; 🔑 key; 🔒 locked; 🔓 unlocked; 🔗 link; 🔙 back; 🔚 end; 🔜 soon; 🔝 top; 🔧 wrench;
🔨 hammer; 🔥 fire; 🔴 red_circle; 🔵 blue_circle; 🟢 green_circle; ⚡ zap; ⌛ hourglass; ⛔ no_entry;
❓ question; ❗ exclamation; ✅ check done; ❌ cross x; ✨ sparkles; ⭐ star; 🎅 santa; 🧠 brain; 🧩 jigsaw;
🧪 test_tube; 🧵 thread; 🛒 shopping_cart; 🗿 moai; 👀 eyes
"""
"""Each emoji and its short names."""


@lru_cache(maxsize=1)
def emoji_names() -> dict[str, str]:
    """Every emoji by each of its names (`[a-z0-9_+-]`, no colons), short ones first; made when first asked for."""
    named: dict[str, str] = {}
    for entry in _SHORT.split(";"):
        emoji, *names = entry.split()
        named |= dict.fromkeys(names, emoji)
    for code in (code for block in _BLOCKS for code in block):
        if is_ours(emoji := chr(code)):
            named.setdefault(_standard_name(emoji), emoji)
    return named


def name_of(text: str) -> str:
    """What stands for an emoji where only ASCII can be drawn: `:thumbsup:`. ASCII itself stays as it is."""
    return "".join(each if each.isascii() else f":{_names().get(each) or _standard_name(each)}:" for each in text)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """One name of each emoji, a word rather than a sign."""
    named: dict[str, str] = {}
    for name, emoji in sorted(emoji_names().items(), key=lambda each: not each[0][0].isalpha()):
        named.setdefault(emoji, name)
    return named


def is_ours(character: str) -> bool:
    """Whether every terminal draws this as one emoji of two cells."""
    return (
        any(ord(character) in block for block in _BLOCKS)
        and unicodedata.east_asian_width(character) == "W"
        and not _TOO_YOUNG.match(character)
    )


def _standard_name(emoji: str) -> str:
    return unicodedata.name(emoji, "unnamed").lower().replace(" ", "_").replace("-", "_")
