"""Damaged input for every parser of what others wrote: each gives a value or an explained error, and soon."""
