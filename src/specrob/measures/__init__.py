"""Measures of models and of activations: spectra, exponents, attacks, distances, landscapes."""
