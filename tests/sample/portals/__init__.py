"""Tests of the simulated portals: their traps are really there, and their truth is true."""
