"""What `agtop VERB` does; each verb prints what came of it and returns an exit code.

A verb is given its `Means` and reaches for nothing else, so that a test can hand it others.
"""
