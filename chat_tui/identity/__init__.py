"""Who one is and which servers one trusts: keys, proofs, and the commands for them."""
