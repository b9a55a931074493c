"""How the buildpack reaches the network, other programs and people."""
