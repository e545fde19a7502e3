"""What is laid over the main screen for a moment."""
