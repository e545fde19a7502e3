"""What agents take, sample by sample."""
