"""What a snapshot holds, one module per kind of file; scripts/snapshot.py puts them together."""
