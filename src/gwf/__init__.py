"""GWF: operations event analysis and decision platform."""

from importlib.metadata import version

__version__ = version("gwf")
