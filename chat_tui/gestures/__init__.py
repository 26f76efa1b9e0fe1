"""The parts of the app: each takes some gestures, tells the session of them, and shows what comes of it."""
