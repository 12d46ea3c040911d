"""Descent: update rules as pure functions of a state and a gradient, and the one loop that runs them."""
