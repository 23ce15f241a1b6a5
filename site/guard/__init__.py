"""Keeps the site up and the machine private: what SQL may do, where asked SQL runs, what is refused, what is counted."""
