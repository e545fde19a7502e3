"""Verbs, given processes on paper or the test's own children."""
