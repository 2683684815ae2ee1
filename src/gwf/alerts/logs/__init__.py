"""What lines of logs mean: rules, the search for their words, decisions. No input or output."""
