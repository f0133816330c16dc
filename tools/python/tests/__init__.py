"""Tests of the client; `python -m unittest` runs them, MNEME names the program to start."""

import logging

# Tests in asyncio's debug mode say of every slow step how long it took.
logging.getLogger("asyncio").setLevel(logging.ERROR)
