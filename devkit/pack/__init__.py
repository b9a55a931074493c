"""The real platform: pack, the lifecycle and images without Python, prepared once per machine; see ``platform.py``."""
