"""What a LiteLLM proxy says was spent: asked only when the user asks, and never mixed in."""
