"""The tutorial is a notebook: tests/test_docs.py runs it, nothing imports it."""

collect_ignore = ["tutorial.py"]
