"""Budgets held against invented sessions."""
