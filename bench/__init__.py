"""How fast the relay is, measured beside others in one run: ``python -m bench`` (``--help`` for parts of it).

Every contender is pinned to one core; an emitter and a client in C, built by the command, run on another. For each
figure the contenders take turns, round after round, each freshly started; what is reported are medians over the
rounds, and ratios to nginx within this run. All traffic is on the loopback interface, bounded in count and time.
"""
