"""The file input: watch trees, settle files, reconcile with the journal."""
