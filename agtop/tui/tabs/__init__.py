"""The tabs below the table."""
