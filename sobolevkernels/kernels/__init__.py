"""The kernels, one file a domain: what a user holds, checks its input with, and evaluates."""
