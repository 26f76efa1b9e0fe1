"""What this terminal and tmux can do, how they are asked, and what to write to them."""
