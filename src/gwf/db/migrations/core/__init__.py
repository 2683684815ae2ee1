"""Revisions of the tables of people, agents, configuration, work and audit."""
