"""The live work of agents: events of their transcripts, or what they write to a file."""
