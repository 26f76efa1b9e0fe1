"""How property tests choose their examples.

Whether a change is taken must not depend on chance, so a plain run tries the same examples each time. What only
chance finds is looked for with `--hypothesis-profile=explore`.
"""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1_000, deadline=None, print_blob=True)
settings.load_profile("repeatable")
