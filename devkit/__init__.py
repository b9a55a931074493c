"""What developers of Terrarium run and its users never ship: local platform, packaging, benchmarks."""
