# Derived from tests/test_async_store.py by tools/python/derive; change that one.
import unittest
