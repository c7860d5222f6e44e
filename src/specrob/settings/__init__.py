"""Settings: one frozen record for each concept, for the command line and the library.

A field's name, type, default, range and help stand here and nowhere else. Nothing here imports
more than the standard library.
"""
