"""What can go wrong in years of unattended running, brought about on purpose, one fault at a time."""
