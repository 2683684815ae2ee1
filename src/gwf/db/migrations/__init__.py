"""The revisions of the tables, one history for each half."""
