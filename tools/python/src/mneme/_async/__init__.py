"""The client of asyncio."""
