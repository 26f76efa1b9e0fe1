"""Full-window and modal screens."""
