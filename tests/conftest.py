"""Settings for all tests."""

from hypothesis import settings

# The first example of a test may compile a kernel, build a table or wait for a busy machine.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
