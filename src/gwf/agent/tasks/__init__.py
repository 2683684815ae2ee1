"""Tasks of the centre on this host: kept on disk until their end was heard."""
