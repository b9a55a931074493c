"""Why an installer failed, in words that say what to do: its own output stands above them, unshortened."""
