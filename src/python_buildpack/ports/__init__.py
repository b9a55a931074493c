"""How the buildpack reaches the network, other programs and people: three ports, and what implements them.

``interfaces`` has the three, with the values that go through them. ``fetching`` implements the Fetcher, ``commands``
the CommandRunner, ``reporter`` the Reporter; ``certificates`` says whom TLS connections trust, ours and every tool's.
"""
