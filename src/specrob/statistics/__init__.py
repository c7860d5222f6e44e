"""Intervals, differences between groups, corrections for several tests, and rank correlations.

Pure functions of arrays of numbers; nothing here knows of networks.
"""
