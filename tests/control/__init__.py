"""Signals: only ever to processes that the test itself has started."""
