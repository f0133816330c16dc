"""Tests of the client; `python -m unittest` runs them, MNEME names the program to start."""
