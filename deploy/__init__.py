"""What it takes to run the site for real: docs/operations.md."""
