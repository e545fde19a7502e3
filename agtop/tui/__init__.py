"""The full screen. The only part of agtop that loads Textual."""
