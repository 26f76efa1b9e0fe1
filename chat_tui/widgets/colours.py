"""The conversation's colours, as Textual CSS over the theme's own variables, so that light and dark both work."""

CONVERSATION_CSS = """
Canvas {
    height: 1fr;
    width: 1fr;
    overflow: hidden hidden;
    background: $background;
    color: $foreground;

    & > .conversation--time, & > .conversation--day, & > .conversation--notice { color: $text-muted; }
    & > .conversation--horizon { color: $text-muted; }
    & > .conversation--new { color: $text-accent; text-style: bold; }
    & > .conversation--removed { color: $text-muted; text-style: italic; }
    & > .conversation--reason { color: $text-muted; text-style: italic; }
    & > .conversation--mark { color: $text-accent; text-style: bold; }
    & > .conversation--bar { color: $foreground 30%; }
    & > .conversation--current { background: $foreground 9%; }
    & > .conversation--tick-queued { color: $text-muted; }
    & > .conversation--tick-sent { color: $text-muted; }
    & > .conversation--tick-read { color: $foreground 80%; }
    & > .conversation--tick-read-by-all { color: $text-accent; text-style: bold; }
    & > .conversation--tick-refused { color: $text-error; text-style: bold; }

    & > .conversation--reply, & > .conversation--edited { color: $text-muted; }
    & > .conversation--pinned { color: $text-accent; }
    & > .conversation--mine { color: $text-accent; text-style: bold; }
    & > .conversation--quote { color: $text-muted; }
    & > .conversation--strong { text-style: bold; }
    & > .conversation--emphasis { text-style: italic; }
    & > .conversation--struck { text-style: strike; }
    & > .conversation--block { background: $foreground 6%; }
    & > .conversation--code { background: $foreground 10%; color: $text-warning; }
    & > .conversation--link { color: $text-primary; text-style: underline; }
    & > .conversation--host { color: $text-muted; }
    & > .conversation--person { color: $text-accent; }
    & > .conversation--mention { background: $accent-muted; color: $text-accent; text-style: bold; }
    &:ansi > .conversation--mention { background: ansi_default; text-style: bold reverse; }
    & > .conversation--keyword { color: #c9a6f5; text-style: bold; }
    & > .conversation--string { color: #8fd18a; }
    & > .conversation--comment { color: $text-muted; text-style: italic; }
    & > .conversation--number { color: #f0a36b; }
    & > .conversation--function { color: #7cb7ff; }
    &:light > .conversation--keyword { color: #6b3fa0; }
    &:light > .conversation--string { color: #2b7326; }
    &:light > .conversation--number { color: #a2480b; }
    &:light > .conversation--function { color: #1a5fb4; }

    & > .conversation--name-0 { color: #7cb7ff; text-style: bold; }
    & > .conversation--name-1 { color: #8fd18a; text-style: bold; }
    & > .conversation--name-2 { color: #e5b567; text-style: bold; }
    & > .conversation--name-3 { color: #f29a9a; text-style: bold; }
    & > .conversation--name-4 { color: #c9a6f5; text-style: bold; }
    & > .conversation--name-5 { color: #66cfc4; text-style: bold; }
    & > .conversation--name-6 { color: #f0a36b; text-style: bold; }
    & > .conversation--name-7 { color: #ee9ccb; text-style: bold; }
    &:light > .conversation--name-0 { color: #1a5fb4; }
    &:light > .conversation--name-1 { color: #2b7326; }
    &:light > .conversation--name-2 { color: #8a5a00; }
    &:light > .conversation--name-3 { color: #b3261e; }
    &:light > .conversation--name-4 { color: #6b3fa0; }
    &:light > .conversation--name-5 { color: #0b6e66; }
    &:light > .conversation--name-6 { color: #a2480b; }
    &:light > .conversation--name-7 { color: #a3246f; }

    &:ansi > .conversation--bar, &:ansi > .conversation--tick-read { color: ansi_default; }
    &:ansi > .conversation--current { background: ansi_default; }
    &:ansi > .conversation--name-0, &:ansi > .conversation--name-4 { color: ansi_magenta; }
    &:ansi > .conversation--name-1, &:ansi > .conversation--name-5 { color: ansi_green; }
    &:ansi > .conversation--name-2, &:ansi > .conversation--name-6 { color: ansi_cyan; }
    &:ansi > .conversation--name-3, &:ansi > .conversation--name-7 { color: ansi_red; }
}
"""
"""Of the terminal's 16 colours those are used that can be read on black and on white; its yellow and blue cannot.

Names are told apart by eight hues of like weight; which is whose depends on the name alone."""
