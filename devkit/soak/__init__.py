"""Many builds in a row of one app against one cache, with faults at random: no image is wrong, and nothing grows."""
