"""Small servers to measure against: ways in which a chat is usually written, and the limit of the machine.

Each listens on a free loopback port that its first line of output names, takes `join`, `post` and `read` as a
server of ours does, and tells everybody in the room. None keeps or checks anything, or watches slow peers.
"""
