"""Spectra and robustness of neural representations.

The folders stand in the order of the science:

``artifacts``
    What flows through the pipes: models, spectra, distances, landscapes, results.
``data``
    Images and labels.
``models``
    Weights and how they answer.
``learning``
    How weights change: the local rule, supervised training, penalties.
``measures``
    Numbers about a model: spectra, exponents, attacks, critical distances, landscapes.
``values``
    Numbers that several kinds of artifact hold.
``plots``
    Numbers as figures.
``reports``
    A folder of results as one page.
``experiments``
    A command's parts put together.
``commands``
    One thin file per command, a shell around a library function.
"""

__version__ = "0.3.0"
