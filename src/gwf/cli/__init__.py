"""The gwf command."""
