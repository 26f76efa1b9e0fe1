"""Widgets that draw the view and report gestures."""
