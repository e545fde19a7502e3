"""Measures agtop beside its peers on invented transcripts: `python -m tests.bench --help`."""
